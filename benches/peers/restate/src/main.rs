//! Measures Restate: its server from npm, and a service on its Rust SDK in this process. The lines
//! it speaks are those of `abide_bench::driver`.

mod endpoint;
mod ingress;
mod install;
mod invocation;
mod service;
mod subject;
mod system;

use std::{path::PathBuf, process::ExitCode};

use abide_bench::driver;
use clap::Parser;

use crate::subject::Restate;

/// Measures Restate: reads orders from stdin, one JSON a line, and answers each on stdout.
#[derive(Parser)]
struct Arguments {
    /// An empty directory for the server's data and log
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The server's program; without it, the pinned one, installed by npm if need be
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { server, .. } = Arguments::parse();
    peer::or_signal(driver::run(|directory| Restate::start(directory, server))).await
}
