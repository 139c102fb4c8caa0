//! Duroxide's SQLite provider, and how it commits.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use duroxide::providers::sqlite::SqliteProvider;
use sqlx::{Sqlite, pool::PoolConnection, query, query_scalar};

/// When SQLite syncs its write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Synchronous {
    /// As the provider has it: at checkpoints, so that a power cut loses the last commits.
    Shipped,
    /// At each commit.
    Full,
}

/// A database and how it commits.
pub(crate) struct Store {
    pub(crate) provider: Arc<SqliteProvider>,
    synchronous: Synchronous,
}

impl Store {
    /// Creates the database in this directory.
    pub(crate) async fn create(directory: &Path, synchronous: Synchronous) -> Result<Self> {
        let path = directory.join("duroxide.db");
        std::fs::File::create_new(&path).with_context(|| format!("create {}", path.display()))?;
        let url = format!("sqlite:{}", path.display());
        let provider = Arc::new(SqliteProvider::new(&url, None).await?);
        let store = Store { provider, synchronous };
        store.apply().await?;
        Ok(store)
    }

    /// Sets all connections to commit as asked for: the provider has no option for it. Said again
    /// before each job, since a pool may replace its connections.
    pub(crate) async fn apply(&self) -> Result<()> {
        if self.synchronous == Synchronous::Shipped {
            return Ok(());
        }
        for mut connection in self.connections().await? {
            query("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// How the connections commit, as SQLite tells.
    pub(crate) async fn durability(&self) -> Result<String> {
        let mut found = Vec::new();
        for mut connection in self.connections().await? {
            let journal: String =
                query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
            let level: i64 = query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
            found.push((journal, level));
        }
        found.dedup();
        ensure!(found.len() == 1, "the connections commit in different ways: {found:?}");
        let (journal, level) = found.remove(0);
        let meaning = match level {
            0 => "OFF: nothing is synced",
            1 => "NORMAL: the log is synced at checkpoints only, a power cut loses commits",
            2 => "FULL: the log is synced at each commit",
            3 => "EXTRA: the log is synced at each commit",
            _ => "unknown",
        };
        let by = match self.synchronous {
            Synchronous::Shipped => "as shipped",
            Synchronous::Full => "set by the driver",
        };
        Ok(format!("SQLite with journal_mode={journal}, synchronous={meaning} ({by})"))
    }

    /// All connections of the pool.
    async fn connections(&self) -> Result<Vec<PoolConnection<Sqlite>>> {
        let pool = self.provider.get_pool();
        let mut connections = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            connections.push(pool.acquire().await?);
        }
        Ok(connections)
    }
}
