//! What was measured, for people, and whether it is within bounds.

use abide::prelude::*;
use serde_json::Value;

use crate::program::{self, Program};

/// The group whose costs have bounds.
const OURS: &str = "rust";

/// Prints the table, and a verdict for each bound: `ok NAME` or `wrong NAME: WHY`.
pub(crate) fn print(files: &[&str]) -> Result<()> {
    let mut measured = Vec::new();
    for file in files {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        measured.push(value);
    }
    let names = measured.iter().map(|value| value["group"].as_str().unwrap_or("?"));
    let names: Vec<_> = names.collect();
    let columns: String =
        names.iter().map(|name| format!(" {name}: requests | messages | waits |")).collect();
    println!("| |{columns}");
    println!("|---|{}", "--:|--:|--:|".repeat(names.len()));
    for program in program::ALL {
        let cells: String = measured.iter().map(|value| cells(program, value)).collect();
        println!("| {} |{cells}", program.name);
    }
    for value in measured.iter().filter(|value| value["group"] == OURS) {
        program::ALL.iter().for_each(|program| judge(program, value));
    }
    Ok(())
}

fn cost(program: &Program, measured: &Value, what: &str) -> f64 {
    let all = measured["costs"][program.func][what].as_f64().unwrap_or(f64::NAN);
    if program.each { all / f64::from(program.times) } else { all }
}

fn cells(program: &Program, measured: &Value) -> String {
    let cell = |what| {
        let cost = cost(program, measured, what);
        if cost.fract() == 0.0 { format!(" {cost} |") } else { format!(" {cost:.1} |") }
    };
    ["requests", "messages", "waits"].map(cell).concat()
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
