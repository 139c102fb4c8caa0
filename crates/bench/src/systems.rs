//! Abide and the limit, each behind a driver.

mod embedded;
mod limit;
mod plain;
mod sdk;
mod served;

use std::{path::PathBuf, process::ExitCode};

use abide_bench::driver;
use clap::Subcommand;
use tokio::runtime::Builder;

use crate::server;

/// Which system is driven.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum System {
    /// Abide's SDK with the engine in its own process, over the durable store
    Embedded(Directory),
    /// Abide's server, and the SDK as client and worker in this process
    Server {
        #[command(flatten)]
        directory: Directory,
        #[command(flatten)]
        options: server::Options,
    },
    /// A server of the plain protocol over HTTP: Abide's, or the one at a URL
    Plain {
        #[command(flatten)]
        directory: Directory,
        #[command(flatten)]
        options: server::Options,
        /// A server that runs already, instead of starting Abide's
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// No system at all: one writer appends the bytes and syncs them
    Limit(Directory),
}

/// Where the data go. It is read by [`driver::run`], and is here for the help.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Directory {
    /// An empty directory for the data
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

impl System {
    /// Drives it until stdin ends.
    pub(crate) fn drive(self) -> ExitCode {
        // A load generator or a worker on one thread leaves the rest of a small machine to the server
        // (decision 40); where the system itself is in this process, it has all cores.
        let mut builder = match self {
            System::Embedded(_) => Builder::new_multi_thread(),
            System::Server { .. } | System::Plain { .. } | System::Limit(_) => {
                Builder::new_current_thread()
            }
        };
        let runtime = match builder.enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("there is no runtime: {error}");
                return ExitCode::FAILURE;
            }
        };
        runtime.block_on(async {
            match self {
                System::Embedded(_) => driver::run(embedded::start).await,
                System::Server { options, .. } => {
                    driver::run(|path| served::start(path, options)).await
                }
                System::Plain { options, url, .. } => {
                    driver::run(|path| plain::start(path, options, url)).await
                }
                System::Limit(_) => driver::run(limit::start).await,
            }
        })
    }
}
