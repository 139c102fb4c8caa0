//! The commands, one a file.

use clap::{Parser, Subcommand};

/// Runs Abide under simulated faults.
#[derive(Parser)]
#[command(name = "abide-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {}

/// Does what the command line says.
pub(crate) fn run() {
    match Arguments::parse().command {}
}
