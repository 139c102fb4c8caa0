//! The commands, one a file.

mod damage;
mod dials;
mod differential;
mod images;
mod power;
mod process;
mod proxy;
mod shell;
mod worker;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

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
    Differential(differential::Arguments),
    Damage(damage::Arguments),
    Power(power::Arguments),
    PowerChild(power::Child),
    Process(process::Process),
    #[command(hide = true)]
    Worker(worker::Worker),
    Proxy(proxy::Arguments),
    Shell(shell::Arguments),
}

/// Where a trial puts many small files: in memory, if the system has a place for that.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { env::temp_dir() }
}

/// Does what the command line says. A trial that has found something is a failure, as is one that
/// could not be run.
pub(crate) fn run() -> ExitCode {
    let done: Result<(), Fault> = match Arguments::parse().command {
        Command::Differential(arguments) => arguments.run(),
        Command::Damage(arguments) => arguments.run(),
        Command::Power(arguments) => arguments.run(),
        Command::PowerChild(arguments) => arguments.run(),
        Command::Process(process) => process.run(),
        Command::Worker(worker) => worker.run(),
        Command::Proxy(arguments) => arguments.run(),
        Command::Shell(arguments) => arguments.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
