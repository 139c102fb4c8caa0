//! The commands, one a file.

mod explore;
mod faults;
mod properties;
mod run;
mod seeds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs Abide under simulated faults.
#[derive(Parser)]
#[command(name = "abide-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Explore(explore::Explore),
    Faults(faults::Faults),
    Properties(properties::Properties),
    Run(run::Run),
}

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Explore(explore) => explore.run(),
        Command::Faults(faults) => faults.run(),
        Command::Properties(properties) => properties.run(),
        Command::Run(run) => run.run(),
    }
}
