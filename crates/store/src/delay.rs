use std::{thread, time::Duration};

use crate::{Claim, Commit, Epoch, Error, Key, Page, Range, ShardId, Store};

/// A store whose every commit takes longer: how an engine behaves on a slower disk, measured on a
/// fast one.
#[derive(Debug)]
pub struct Delay<S> {
    store: S,
    per_commit: Duration,
}

impl<S> Delay<S> {
    /// Adds `per_commit` to every commit of `store`.
    pub fn new(store: S, per_commit: Duration) -> Self {
        Delay { store, per_commit }
    }
}

impl<S: Store> Store for Delay<S> {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        self.store.claim(shard, node, lease_ms, now_ms)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.store.load(shard, keys)
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        self.store.scan(shard, range, limit)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        let result = self.store.commit(commits);
        // A sleeping thread, as one that waits for a disk, leaves the processor to others.
        thread::sleep(self.per_commit);
        result
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        self.store.clear(shard, epoch)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Delay;
    use crate::{MemoryStore, conformance};

    #[test]
    fn conforms() {
        conformance::run(|| Delay::new(MemoryStore::new(), Duration::from_nanos(1)), None);
    }
}
