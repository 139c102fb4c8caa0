//! What was measured, for people, and whether it is within bounds.

use abide::prelude::*;
use serde_json::Value;

use crate::program::{self, OURS, Program};

/// Prints the table, and a verdict for each bound: `ok NAME` or `wrong NAME: WHY`.
pub(crate) fn print(files: &[&str]) -> Result<()> {
    let mut measured = Vec::new();
    for file in files {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        measured.push(value);
    }
    let names = measured.iter().map(|value| value["group"].as_str().unwrap_or("?"));
    let names: Vec<_> = names.collect();
    let titles: Vec<_> = names.iter().map(|name| title(name)).collect();
    println!("| requests / messages / waits | {} |", titles.join(" | "));
    println!("|---|{}", "--:|".repeat(names.len()));
    for program in program::ALL {
        let cells: Vec<_> = measured.iter().map(|value| cell(program, value)).collect();
        println!("| {} | {} |", program.name, cells.join(" | "));
    }
    for value in measured.iter().filter(|value| value["group"] == OURS) {
        program::ALL.iter().for_each(|program| judge(program, value));
    }
    Ok(())
}

/// What a group says in the table.
fn title(group: &str) -> &str {
    match group {
        OURS => "Abide, Rust",
        "plain" => "Abide, Rust, plain server",
        "generators" => "TypeScript, generators",
        "promises" => "TypeScript, promises",
        other => other,
    }
}

fn cost(program: &Program, measured: &Value, what: &str) -> f64 {
    let all = measured["costs"][program.func][what].as_f64().unwrap_or(f64::NAN);
    if program.each { all / f64::from(program.times) } else { all }
}

fn cell(program: &Program, measured: &Value) -> String {
    let costs = ["requests", "messages", "waits"].map(|what| {
        let cost = cost(program, measured, what);
        if cost.fract() == 0.0 { cost.to_string() } else { format!("{cost:.1}") }
    });
    costs.join(" / ")
}

fn judge(program: &Program, measured: &Value) {
    let Some(most) = program.most else { return };
    let waits = cost(program, measured, "waits");
    let name = program.name.replace([' ', ','], "_");
    if waits <= most as f64 {
        println!("ok {name}");
    } else {
        println!("wrong {name}: {waits} sequential waits, where {most} would do");
    }
}
