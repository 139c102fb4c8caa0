//! The `abide` command, one file per command.
//!
//! A command parses its arguments (clap), sends requests over `abide-client` and shows the
//! answers: rendering is pure, data goes to stdout and talk to stderr. `serve` and `dev` start
//! `abide-server`. [`grammar`] is what the documentation's examples are checked against.

mod app;
mod call;
mod check;
mod clock;
mod command;
mod exit;
mod fault;
mod log;
mod output;
mod payload;
mod render;
mod server;
mod tags;
mod tree;

use std::process::ExitCode;

use clap::FromArgMatches;

/// The grammar of the command line.
pub fn grammar() -> clap::Command {
    app::command()
}

/// Runs the command that this process was started with.
pub fn main() -> ExitCode {
    let matches = grammar().get_matches();
    let app = app::App::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match app.run() {
        Ok(exit) => exit.into(),
        Err(fault) => {
            output::complain(&fault);
            fault.exit.into()
        }
    }
}
