use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abide_store::{Claim, Commit, Epoch, Error, Key, Page, Range, ShardId, Store};

use super::LogStore;
use crate::check::Ledger;

/// A store whose every answer is compared with what it has promised before.
pub(crate) struct Watched {
    store: Arc<LogStore>,
    ledger: Arc<Mutex<Ledger>>,
}

impl Watched {
    pub(crate) fn new(store: Arc<LogStore>, ledger: Arc<Mutex<Ledger>>) -> Self {
        Watched { store, ledger }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Watched {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        let claim = self.store.claim(shard, node, lease_ms, now_ms)?;
        self.ledger().claimed(&claim);
        Ok(claim)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let found = self.store.load(shard, keys)?;
        self.ledger().loaded(keys, &found);
        Ok(found)
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        self.store.scan(shard, range, limit)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        // A store that has failed or is closed writes nothing: there is nothing to be in doubt about.
        let writes = !self.store.has_failed();
        let result = self.store.commit(commits);
        if writes || result.is_ok() {
            self.ledger().committed(commits, &result);
        }
        result
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        self.store.clear(shard, epoch)
    }
}
