//! How much each system does in a second: a panel of bars for each closed load.

use super::svg::{Svg, color};
use crate::{compare::results::Results, units};

const WIDTH: f64 = 860.0;
const COLUMNS: usize = 2;
const BAR: f64 = 18.0;
/// The name to the left of a bar, and the number to the right of the longest.
const NAME: f64 = 90.0;
const NUMBER: f64 = 80.0;
const TITLE: f64 = 34.0;

pub(super) fn draw(results: &Results) -> Option<String> {
    let mut panels = Vec::new();
    for (number, workload) in results.workloads.iter().enumerate() {
        let rows = rows(results, number);
        // Of an open load the rate is given, and of a single operation the time is of interest.
        let shown = workload.is_load() && workload.rate.is_none() && workload.concurrency > 1;
        if shown && !rows.is_empty() {
            let unit = workload.steps().map_or("operations", |_| "steps");
            panels.push((format!("{workload}: {unit} a second"), rows));
        }
    }
    if panels.is_empty() {
        return None;
    }
    let panel = TITLE + BAR * results.systems.len() as f64;
    let mut svg = Svg::new(WIDTH, panel * panels.len().div_ceil(COLUMNS) as f64 + 10.0);
    let width = WIDTH / COLUMNS as f64;
    for (place, (title, rows)) in panels.into_iter().enumerate() {
        let (left, top) = ((place % COLUMNS) as f64 * width, (place / COLUMNS) as f64 * panel);
        svg.title(left + 10.0, top + 22.0, &title);
        let most = rows.iter().map(|row| row.2).fold(f64::MIN_POSITIVE, f64::max);
        for (row, (system, name, rate)) in rows.into_iter().enumerate() {
            let y = top + TITLE + BAR * row as f64;
            let length = rate / most * (width - NAME - NUMBER - 10.0);
            svg.text(left + NAME - 4.0, y + 11.0, "end", &name);
            svg.bar(left + NAME, y, length, BAR - 4.0, color(system));
            svg.text(left + NAME + length + 4.0, y + 11.0, "start", &units::number(rate));
        }
    }
    Some(svg.finish())
}

/// The number and the name of each system, and what it does.
fn rows(results: &Results, workload: usize) -> Vec<(usize, String, f64)> {
    let steps = f64::from(results.workloads[workload].steps().unwrap_or(1));
    let figures = results.figures(workload).into_iter();
    let rows = figures.filter_map(|(name, figures)| {
        let system = results.systems.iter().position(|system| system.name == name)?;
        Some((system, name.to_owned(), figures.rate * steps))
    });
    rows.collect()
}
