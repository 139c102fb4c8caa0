//! The commands, one a file.

mod process;
mod proxy;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a command could not do what it was told.
type Fault = Box<dyn std::error::Error>;

/// Puts real files and the real server to trial.
#[derive(Parser)]
#[command(name = "abide-trials", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Process(process::Process),
    #[command(hide = true)]
    Worker(worker::Worker),
    Proxy(proxy::Arguments),
}

/// Does what the command line says. A trial that has found something is a failure, as is one that
/// could not be run.
pub(crate) fn run() -> ExitCode {
    let done: Result<(), Fault> = match Arguments::parse().command {
        Command::Process(process) => process.run(),
        Command::Worker(worker) => worker.run(),
        Command::Proxy(arguments) => arguments.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
