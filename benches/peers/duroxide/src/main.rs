//! Measures duroxide on its SQLite provider, in this process. The lines it speaks are those of
//! `abide_bench::driver`.

mod invocation;
mod store;
mod subject;
mod system;
mod workflows;

use std::{io, path::PathBuf, process::ExitCode, time::Duration};

use abide_bench::driver;
use clap::Parser;
use duroxide::runtime::RuntimeOptions;
use tracing::Level;

use crate::{
    store::{Store, Synchronous},
    subject::Duroxide,
};

/// Measures duroxide: reads orders from stdin, one JSON a line, and answers each on stdout.
#[derive(Parser)]
struct Arguments {
    /// An empty directory for the database
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// When SQLite syncs its log
    #[arg(long, value_enum, default_value = "full")]
    synchronous: Synchronous,
    /// How often an idle dispatcher looks for work, in milliseconds: duroxide's own default is 100,
    /// with which a workflow of ten steps takes a second
    #[arg(long, value_name = "MS", default_value_t = 1)]
    poll: u64,
    /// How many dispatchers of workflows there are, and as many of steps: duroxide's own default
    #[arg(long, value_name = "N", default_value_t = 2)]
    dispatchers: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { synchronous, poll, dispatchers, .. } = Arguments::parse();
    // Duroxide would log every step to stdout, where the answers belong. Under load its warnings
    // tell nothing but how often a transaction finds the database locked, and waits.
    tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(Level::ERROR).init();
    let options = RuntimeOptions {
        dispatcher_min_poll_interval: Duration::from_millis(poll),
        orchestration_concurrency: dispatchers,
        worker_concurrency: dispatchers,
        ..RuntimeOptions::default()
    };
    let driver = driver::run(async |directory| {
        let store = Store::create(&directory, synchronous).await?;
        Ok(Duroxide::start(store, options).await?)
    });
    peer::or_signal(driver).await
}
