//! The commands, one a file.

use clap::{Parser, Subcommand};

/// Puts real files and the real server to trial.
#[derive(Parser)]
#[command(name = "abide-trials", version)]
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
