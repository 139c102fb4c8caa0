//! How long operations take: a panel of curves for each load with a rate or one operation at a time.

use std::time::Duration;

use super::svg::{Svg, color};
use crate::{
    compare::{results::Results, summary::SHARES},
    units,
};

const WIDTH: f64 = 860.0;
const COLUMNS: usize = 2;
const PANEL: f64 = 250.0;
const TITLE: f64 = 34.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 90.0;
const BOTTOM: f64 = 34.0;
const LABEL: f64 = 12.0;
/// The largest of few is chance: what is shown ends here.
const SHOWN: usize = 6;

pub(super) fn draw(results: &Results) -> Option<String> {
    let loads = results.workloads.iter().enumerate();
    let shown = loads.filter(|(number, workload)| {
        let of_interest = workload.rate.is_some() || workload.concurrency == 1;
        workload.is_load() && of_interest && !results.figures(*number).is_empty()
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        return None;
    }
    let mut svg = Svg::new(WIDTH, PANEL * shown.len().div_ceil(COLUMNS) as f64 + 10.0);
    for (place, (number, workload)) in shown.into_iter().enumerate() {
        let left = (place % COLUMNS) as f64 * WIDTH / COLUMNS as f64;
        let top = (place / COLUMNS) as f64 * PANEL;
        svg.title(left + 10.0, top + 22.0, &format!("{workload}: latency"));
        panel(&mut svg, results, number, (left, top));
    }
    Some(svg.finish())
}

fn panel(svg: &mut Svg, results: &Results, workload: usize, (left, top): (f64, f64)) {
    let figures = results.figures(workload);
    let all = || figures.iter().flat_map(|(_, figures)| &figures.latency_us[..SHOWN]);
    // Whole powers of ten, from 1 µs on.
    let floor = all().copied().fold(f64::MAX, f64::min).max(1.0).log10().floor();
    let ceiling = all().copied().fold(1.0, f64::max).log10().ceil().max(floor + 1.0);
    let (right, bottom) = (left + WIDTH / COLUMNS as f64 - RIGHT, top + PANEL - BOTTOM);
    let height = bottom - top - TITLE;
    let y = |micros: f64| bottom - height * (micros.max(1.0).log10() - floor) / (ceiling - floor);
    let x = |share: usize| left + LEFT + (right - left - LEFT) * share as f64 / (SHOWN - 1) as f64;
    for power in floor as i32..=ceiling as i32 {
        let micros = 10f64.powi(power);
        svg.line((left + LEFT, y(micros)), (right, y(micros)));
        let label = units::span(Duration::from_secs_f64(micros / 1e6));
        svg.text(left + LEFT - 6.0, y(micros) + 4.0, "end", &label);
    }
    for (number, share) in SHARES[..SHOWN].iter().enumerate() {
        svg.text(x(number), bottom + 18.0, "middle", &format!("{}", share * 100.0));
    }
    let mut labels = Vec::new();
    for (name, figures) in &figures {
        let system = results.systems.iter().position(|system| system.name == *name);
        let color = color(system.unwrap_or_default());
        let each = figures.latency_us[..SHOWN].iter().enumerate();
        let points: Vec<_> = each.map(|(share, micros)| (x(share), y(*micros))).collect();
        svg.curve(&points, color);
        labels.push((points[SHOWN - 1].1, *name, color));
    }
    // From the top down; names of curves that end together are set apart.
    labels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut free = f64::MIN;
    for (end, name, color) in labels {
        let at = end.max(free);
        free = at + LABEL;
        svg.bar(right + 4.0, at - 4.0, 8.0, 8.0, color);
        svg.text(right + 16.0, at + 4.0, "start", name);
    }
}
