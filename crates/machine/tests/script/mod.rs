//! The interpreter of the scripts.

mod parse;
mod print;

use std::fmt::Write;

use abide_machine::{Config, Step, testing::Model};
use parse::{Command, Line};

/// Runs a script and returns it with the outcomes that were found.
pub(crate) fn run(text: &str) -> String {
    let mut out = String::new();
    let mut model = Model::new(Config::default());
    for (number, line) in text.lines().enumerate() {
        match parse::line(line).unwrap_or_else(|error| panic!("line {}: {error}", number + 1)) {
            Line::Outcome => continue,
            Line::Text => {}
            Line::Title => model = Model::new(Config::default()),
            Line::Config(config) => model = Model::new(config),
            Line::At(now, command) => {
                writeln!(out, "{line}").unwrap();
                out.push_str(&carry_out(&mut model, now, command));
                continue;
            }
        }
        writeln!(out, "{line}").unwrap();
    }
    out
}

fn carry_out(model: &mut Model, now: i64, command: Command) -> String {
    match command {
        Command::Request(request) => print::outcome(&model.request(&request, now)),
        Command::Unreadable(response) => print::response(&response),
        Command::Internal(internal) => print::outcome(&model.take(&Step::Internal(internal), now)),
        Command::NextOccurrence(id) => {
            let next = abide_machine::View::schedule(model, &id).expect("a schedule").occurrence();
            print::outcome(&model.take(&Step::Internal(next), now))
        }
        Command::Drain => print::fired(&model.drain(now)),
        Command::Tick => print::fired(&model.tick(now)),
        Command::State => print::state(model),
        Command::Armed => print::armed(model),
    }
}
