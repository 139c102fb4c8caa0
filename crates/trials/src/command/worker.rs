//! `abide-trials worker`.

use std::path::PathBuf;

use abide_trials::process::programs::worker;
use clap::Args;

use super::Fault;

/// Be a worker of the trial `process --only programs`
#[derive(Args, Debug)]
pub(crate) struct Worker {
    /// The server
    url: String,
    /// The group
    group: String,
    /// Where to say what is attempted
    log: PathBuf,
}

impl Worker {
    /// Carries it out.
    pub(crate) fn run(self) -> Result<(), Fault> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let done = runtime.block_on(worker::run(&self.url, &self.group, &self.log));
        done.map_err(|error| error.to_string())?;
        Ok(())
    }
}
