//! Load benchmarks against the real server binary.
//!
//! The load generator runs on one thread and speaks HTTP over raw sockets, so that on a small
//! machine most of the processor is left to the server. What the server uses is read from the
//! system, not guessed.

mod arguments;
mod connection;
mod envelopes;
mod load;
mod process;
mod report;
mod scenario;
mod stream;
mod summary;

use clap::Parser;
use tokio::task::LocalSet;

use crate::arguments::Arguments;

type Fault = Box<dyn std::error::Error>;

fn main() -> Result<(), Fault> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run(arguments))
}

async fn run(arguments: Arguments) -> Result<(), Fault> {
    report::machine(&arguments);
    if arguments.runs("start") {
        scenario::start::run(&arguments).await?;
    }
    if ["get", "create", "settle", "life"].into_iter().any(|what| arguments.runs(what)) {
        scenario::steady::run(&arguments).await?;
    }
    if arguments.runs("delivery") {
        scenario::delivery::run(&arguments).await?;
    }
    if arguments.pending > 0 {
        scenario::pending::run(&arguments).await?;
    }
    if arguments.soak > 0 {
        scenario::soak::run(&arguments).await?;
    }
    Ok(())
}
