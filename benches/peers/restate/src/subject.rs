//! Restate, as the bench sees it.

use std::{path::PathBuf, sync::Arc};

use abide_bench::driver::{self, Answer, Fault, Job, Order, Ready, SYNCS, Subject};
use peer::Workload;

use crate::{install, invocation::Invocation, system::System};

/// How the server keeps what it has acknowledged.
const DURABILITY: &str = "as shipped: one node, its log in RocksDB, the WAL synced (fdatasync) \
                          before an append is acknowledged, appends in flight share a sync";

/// Restate, running.
pub(crate) struct Restate {
    system: Arc<System>,
    version: String,
}

impl Restate {
    /// Starts it in this directory.
    pub(crate) async fn start(directory: PathBuf, server: Option<PathBuf>) -> Result<Self, Fault> {
        let program = match server {
            Some(program) => program,
            None => install::server()?,
        };
        let version = install::version(&program)?;
        let system = Arc::new(System::start(&program, &directory).await?);
        Ok(Restate { system, version })
    }
}

impl Subject for Restate {
    type Lane = Invocation;

    fn ready(&self) -> Ready {
        let version = format!("{} (restate-sdk {})", self.version, peer::version("restate-sdk"));
        Ready::new("restate", version, DURABILITY)
            .with("server", self.system.pid())
            .with("worker", std::process::id())
    }

    async fn lane(&self, job: &Job, _number: usize) -> Result<Invocation, Fault> {
        Ok(Invocation::new(self.system.clone(), Workload::of(job)?))
    }

    /// A load, and how often the server has synced meanwhile: its calls cannot be counted from
    /// outside, since it is linked statically.
    async fn measure(&mut self, order: &Order, prefix: &str) -> Result<Option<Answer>, Fault> {
        let before = self.system.syncs().await?;
        let mut answer = driver::load(self, order, prefix).await?;
        let syncs = self.system.syncs().await? - before;
        answer.figures.insert(SYNCS.to_owned(), syncs);
        Ok(Some(answer))
    }

    async fn stop(self) -> Result<(), Fault> {
        drop(self.system);
        Ok(())
    }
}
