use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use crate::{Claim, Commit, Epoch, Error, Key, Ownership, Page, Range, ShardId, Store, Write};

/// A store that lives as long as its process: for tests, for development and for programs that
/// want durable functions without durability.
#[derive(Debug, Default)]
pub struct MemoryStore {
    shards: Mutex<HashMap<ShardId, Shard>>,
}

#[derive(Debug, Default)]
struct Shard {
    ownership: Ownership,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn shards(&self) -> MutexGuard<'_, HashMap<ShardId, Shard>> {
        // Every method leaves the map whole before it can panic, so a poisoned lock means nothing.
        self.shards.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Store for MemoryStore {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        let mut shards = self.shards();
        let state = shards.entry(shard).or_default();
        let (ownership, claim) =
            state.ownership.claimed(node, lease_ms, now_ms).ok_or(Error::Fenced(shard))?;
        state.ownership = ownership;
        Ok(claim)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let shards = self.shards();
        let entries = shards.get(&shard).map(|state| &state.entries);
        Ok(keys.iter().map(|key| entries?.get(key.as_bytes()).cloned()).collect())
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        let shards = self.shards();
        let Some(state) = shards.get(&shard) else { return Ok(Page::default()) };
        let mut page = Page::of(&state.entries, range, limit);
        if page.more && fault!(PageEndsEarly) {
            page.more = false;
        }
        Ok(page)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        let mut shards = self.shards();
        for Commit { shard, epoch, batch } in commits {
            owned(&mut shards, *shard, *epoch)?;
            batch.check()?;
        }
        for Commit { shard, epoch, batch } in commits {
            let state = owned(&mut shards, *shard, *epoch)?;
            if !fault!(ClockUnwritten) {
                state.ownership.clock = state.ownership.clock.max(batch.now);
            }
            let half = batch.len() / 2 * usize::from(fault!(BatchHalf));
            for Write { key, value } in batch.writes().skip(half) {
                fault!(DeletionIgnored => if value.is_none() { continue });
                match value {
                    Some(value) => state.entries.insert(key.to_vec(), value.to_vec()),
                    None => state.entries.remove(key),
                };
            }
        }
        Ok(())
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        let mut shards = self.shards();
        let state = owned(&mut shards, shard, epoch)?;
        state.entries.clear();
        state.ownership.clock = i64::MIN;
        Ok(())
    }
}

fn owned(
    shards: &mut HashMap<ShardId, Shard>,
    shard: ShardId,
    epoch: Epoch,
) -> Result<&mut Shard, Error> {
    shards
        .get_mut(&shard)
        .filter(|state| state.ownership.epoch == epoch || fault!(EpochUnfenced))
        .ok_or(Error::Fenced(shard))
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;
    use crate::conformance;

    #[test]
    fn conforms() {
        conformance::run(MemoryStore::new, None);
    }
}
