//! The results as Markdown.

use std::{collections::BTreeSet, fmt::Write, time::Duration};

use super::{
    results::Results,
    sample::DISTURBED,
    summary::{Figures, Summary},
    workload::Workload,
};
use crate::units;

/// Why is said in the table of systems.
const NOT_STARTED: &str = "not started";

/// Everything: the machine, the systems, a table for each workload.
pub(crate) fn all(results: &Results) -> String {
    let mut text = String::new();
    machine(&mut text, results);
    systems(&mut text, results);
    for (number, workload) in results.workloads.iter().enumerate() {
        match workload.is_load() {
            true => load(&mut text, results, number, workload),
            false => figures(&mut text, results, number, workload),
        }
    }
    text
}

fn machine(text: &mut String, results: &Results) {
    let machine = &results.machine;
    line(
        text,
        &format!(
            "{}, {} cores shared by system and load generator, {} of memory, Linux {}, {}. {} rounds of {} s \
             each, after {} s of warm-up; figures are medians of the rounds.\n",
            machine.processor,
            machine.cores,
            units::bytes(machine.memory_bytes as f64),
            machine.kernel,
            machine.file_system,
            results.rounds,
            results.seconds,
            results.warmup,
        ),
    );
    disturbed(text, results);
}

/// How often the machine was taken away, if it was.
fn disturbed(text: &mut String, results: &Results) {
    let all = results.samples.iter().map(|sample| &sample.taken);
    let left = all.clone().filter(|taken| taken.disturbed()).count();
    let noticed = all.clone().filter(|taken| taken.attempts > 1 || taken.disturbed()).count();
    if noticed > 0 {
        line(
            text,
            &format!(
                "During {noticed} of the {} measurements the machine's host gave more than {:.0} percent of the \
                 processors' time to others. They were repeated where that is soon done, and the least \
                 disturbed one counts. Disturbed each time: {left}.\n",
                all.count(),
                100.0 * DISTURBED,
            ),
        );
    }
}

fn systems(text: &mut String, results: &Results) {
    line(text, "| system | version | durability | idle memory |");
    line(text, "|---|---|---|--:|");
    for (number, system) in results.systems.iter().enumerate() {
        let name = &system.name;
        if let Some(why) = results.never_up(number) {
            line(text, &format!("| {name} | not started | {} | |", cell(why)));
        } else if let Some(ready) = results.ready(number) {
            let (version, durability) = (cell(&ready.version), cell(&ready.durability));
            let idle = idle(results, number);
            line(text, &format!("| {name} | {version} | {durability} | {idle} |"));
        }
    }
    line(text, "");
}

/// The least that its processes took before a job, since each job begins with a new system.
fn idle(results: &Results, system: usize) -> String {
    let summaries = (0..results.workloads.len()).map(|number| results.summary(number, system));
    let idle = summaries.filter_map(|summary| match summary {
        Summary::Figures(figures) => Some(figures.idle_bytes),
        Summary::None(_) => None,
    });
    let sum = |roles: &std::collections::BTreeMap<String, f64>| roles.values().sum::<f64>();
    let least = idle.min_by(|one, other| sum(one).total_cmp(&sum(other)));
    by_role(&least.unwrap_or_default(), units::bytes)
}

fn load(text: &mut String, results: &Results, number: usize, workload: &Workload) {
    line(text, &format!("### {workload}\n"));
    let steps = workload.steps();
    let head = steps.map_or("", |_| " steps/s |");
    // What the store could do at most, if that was measured.
    let limit = results.figures(number).into_iter().find(|(name, _)| *name == "limit");
    let limit = limit.map(|(_, figures)| figures.rate).filter(|_| workload.rate.is_none());
    let of_limit = limit.map_or("", |_| " of the limit |");
    line(
        text,
        &format!(
            "| system | /s |{head}{of_limit} p50 | p99 | p99.9 | CPU each | memory | written each | syncs each |"
        ),
    );
    let rule = "--:|".repeat(usize::from(steps.is_some()) + usize::from(limit.is_some()));
    line(text, &format!("|---|--:|{rule}--:|--:|--:|--:|--:|--:|--:|"));
    for (system, candidate) in results.systems.iter().enumerate() {
        let row = match results.summary(number, system) {
            Summary::Figures(figures) => row(&figures, steps, limit),
            Summary::None(_) if results.never_up(system).is_some() => NOT_STARTED.to_owned(),
            Summary::None(why) => cell(&why),
        };
        line(text, &format!("| {} | {row} |", candidate.name));
    }
    line(text, "");
}

fn row(figures: &Figures, steps: Option<u32>, limit: Option<f64>) -> String {
    let mut cells = vec![units::number(figures.rate)];
    if figures.errors > 0 {
        cells[0].push_str(&format!(" ({} errors)", figures.errors));
    }
    if figures.behind > 0 {
        cells[0].push_str(&format!(" ({} behind)", figures.behind));
    }
    cells.extend(steps.map(|steps| units::number(figures.rate * f64::from(steps))));
    cells.extend(limit.map(|limit| format!("{:.0} %", 100.0 * figures.rate / limit)));
    // The shares of 0.5, 0.99 and 0.999.
    cells.extend([0, 4, 5].map(|share| span(figures.latency_us[share])));
    cells.push(by_role(&figures.cpu_us, span));
    cells.push(by_role(&figures.memory_bytes, units::bytes));
    cells.push(units::bytes(figures.written_bytes));
    cells.push(figures.syncs.map_or("unknown".to_owned(), |syncs| format!("{syncs:.2}")));
    cells.join(" | ")
}

fn figures(text: &mut String, results: &Results, number: usize, workload: &Workload) {
    line(text, &format!("### {workload}\n"));
    let found = results.figures(number);
    let names: BTreeSet<&String> =
        found.iter().flat_map(|(_, found)| found.figures.keys()).collect();
    let heads: String = names.iter().map(|name| format!(" {} |", title(name))).collect();
    line(text, &format!("| system | /s |{heads}"));
    line(text, &format!("|---|--:|{}", "--:|".repeat(names.len())));
    for (system, candidate) in results.systems.iter().enumerate() {
        let row = match results.summary(number, system) {
            Summary::None(_) if results.never_up(system).is_some() => NOT_STARTED.to_owned(),
            Summary::None(why) => cell(&why),
            Summary::Figures(found) => {
                let each = names.iter().map(|name| {
                    found.figures.get(*name).map_or(String::new(), |value| figure(name, *value))
                });
                let cells: Vec<String> =
                    std::iter::once(units::number(found.rate)).chain(each).collect();
                cells.join(" | ")
            }
        };
        line(text, &format!("| {} | {row} |", candidate.name));
    }
    line(text, "");
}

/// The name of a figure without its unit.
fn title(name: &str) -> String {
    let (words, _) = name.rsplit_once('_').unwrap_or((name, ""));
    words.replace('_', " ")
}

fn figure(name: &str, value: f64) -> String {
    match name.rsplit_once('_').map_or("", |(_, unit)| unit) {
        "bytes" => units::bytes(value),
        "ms" => span(value * 1e3),
        "s" => span(value * 1e6),
        "percent" => format!("{value:.1} %"),
        _ => units::number(value),
    }
}

/// Figures by what the processes are for; the name is left out where there is only one.
fn by_role(
    roles: &std::collections::BTreeMap<String, f64>,
    written: impl Fn(f64) -> String,
) -> String {
    if roles.is_empty() {
        return "unknown".to_owned();
    }
    let alone = roles.len() == 1;
    let each = roles.iter().map(|(role, value)| match alone {
        true => written(*value),
        false => format!("{role} {}", written(*value)),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn span(micros: f64) -> String {
    units::span(Duration::from_secs_f64(micros.max(0.0) / 1e6))
}

/// A text that may stand in a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes everything");
}
