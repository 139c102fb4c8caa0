//! Benchmarks: Abide, its peers and the limit, measured by the same code in one run.

mod compare;
mod processes;
mod server;
mod soak;
mod systems;
mod units;

use std::process::ExitCode;

use abide_bench::driver::Fault;
use clap::{Parser, Subcommand};

/// Measures Abide, its peers and the limit
#[derive(Parser, Debug)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Compare systems on the same work, in one run, and write docs/performance.md
    Compare(Box<compare::Arguments>),
    /// Drive one system: orders on stdin, answers on stdout, a line of JSON each
    Driver {
        #[command(subcommand)]
        system: systems::System,
    },
    /// Have one worker execute very much, and see whether it grows
    Soak(soak::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Driver { system } => return system.drive(),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Soak(arguments) => block_on(soak::run(arguments)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("abide-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn block_on(future: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}
