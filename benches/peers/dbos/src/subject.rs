//! DBOS, as the bench sees it.

use std::sync::Arc;

use abide_bench::driver::{Fault, Job, Ready, Subject};
use anyhow::Result;
use dbos::{Config, DBOS};
use peer::Workload;

use crate::{invocation::Invocation, postgres::Postgres, workflows::Workflows};

/// DBOS, running in this process, and its database.
pub(crate) struct System {
    pub(crate) dbos: DBOS,
    pub(crate) workflows: Workflows,
}

/// The system and its server, which outlives it.
pub(crate) struct Dbos {
    system: Arc<System>,
    postgres: Postgres,
    version: String,
    durability: String,
}

impl Dbos {
    /// Starts DBOS on this server.
    pub(crate) async fn start(postgres: Postgres, connections: u32) -> Result<Self> {
        let version = format!(
            "{} (PostgreSQL {})",
            peer::version("dbos"),
            postgres.setting("server_version")?.split(' ').next().unwrap_or_default()
        );
        let durability = format!(
            "PostgreSQL with fsync={}, synchronous_commit={}, wal_sync_method={}: the WAL synced \
             before a commit is acknowledged, commits in flight share a sync; {connections} \
             connections",
            postgres.setting("fsync")?,
            postgres.setting("synchronous_commit")?,
            postgres.setting("wal_sync_method")?,
        );
        let dbos = DBOS::new(Config {
            app_version: Some("1".to_owned()),
            max_connections: connections,
            ..Config::new("bench", postgres.url())
        });
        let workflows = Workflows::register(&dbos)?;
        dbos.launch().await?;
        let system = Arc::new(System { dbos, workflows });
        Ok(Dbos { system, postgres, version, durability })
    }
}

impl Subject for Dbos {
    type Lane = Invocation;

    fn ready(&self) -> Ready {
        Ready::new("dbos", &self.version, &self.durability)
            .with("server", self.postgres.pid())
            .with("worker", std::process::id())
    }

    async fn lane(&self, job: &Job, _number: usize) -> Result<Invocation, Fault> {
        Ok(Invocation::new(self.system.clone(), Workload::of(job)?))
    }

    async fn stop(self) -> Result<(), Fault> {
        self.system.dbos.shutdown().await;
        Ok(())
    }
}
