use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use abide_store::{
    Claim, Commit, Epoch, Error, Key, Ownership, Page, Range, ShardId, Store, Write,
};

use super::record::{self, Change, Payload};
use crate::{
    disk::{Disk, Failed},
    setting::Plant,
};

/// A log is written anew when it is longer than this and mostly outdated.
const LONG: usize = 32 << 10;

/// A store on a disk. It appends every commit to a log and syncs it; when it is opened it writes
/// what the last log came to into a new one, and only then forgets the old.
pub(crate) struct LogStore {
    disk: Arc<Mutex<Disk>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    shards: BTreeMap<ShardId, Shard>,
    /// The file of the log.
    file: u64,
    /// Its length, and how long it was when it was begun.
    end: usize,
    begun: usize,
    /// The number of the next record.
    number: u64,
    failure: Option<String>,
    death: Option<Death>,
    /// What is wrong with this store, in tests of those who are to find out.
    plant: Option<Plant>,
}

#[derive(Clone, Default)]
struct Shard {
    ownership: Ownership,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// Where a commit ends when its process dies in the middle of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// Written, but not synced; nobody hears of it.
    BeforeSync,
    /// Done, but nobody hears of it.
    AfterSync,
}

impl LogStore {
    /// Opens what the disk holds.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn open(disk: Arc<Mutex<Disk>>, plant: Option<Plant>) -> Result<Self, Error> {
        let mut state = State::default();
        {
            let mut held = lock(&disk);
            let files = held.files();
            let newest = files.iter().rev().find(|file| state.recover(held.read(**file), **file));
            state.file = newest.copied().unwrap_or(0);
            // A file that was begun and not finished is no log.
            let unfinished = files.last().copied().unwrap_or(0).max(state.file);
            state.begin(&mut held, unfinished + 1).map_err(unavailable)?;
        }
        state.plant = plant;
        Ok(LogStore { disk, state: Mutex::new(state) })
    }

    /// Everything in a shard.
    pub(crate) fn contents(&self, shard: ShardId) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.state().shards.get(&shard).map(|shard| shard.entries.clone()).unwrap_or_default()
    }

    /// Has the next commit end like this.
    pub(crate) fn die(&self, death: Death) {
        self.state().death = Some(death);
    }

    /// Whether it has to be opened again.
    pub(crate) fn has_failed(&self) -> bool {
        self.state().failure.is_some()
    }

    /// Refuses everything from now on: somebody else has opened the files.
    pub(crate) fn close(&self) {
        self.state().failure = Some("the store is closed".into());
    }

    /// Whether a commit is to be left incomplete.
    fn is_half(&self, state: &State) -> bool {
        let half = state.plant == Some(Plant::HalfCommit) || abide_faults::fault!(CommitTorn);
        half && state.number.is_multiple_of(7)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &mut State, payload: Payload) -> Result<(), Error> {
        let death = state.death.take();
        let record = payload.seal(state.file, state.number);
        let mut disk = lock(&self.disk);
        let written = disk.write(state.file, state.end, &record).and_then(|()| match death {
            Some(Death::BeforeSync) => Ok(()),
            _ if state.plant == Some(Plant::EarlyAcknowledgement) => Ok(()),
            _ if abide_faults::fault!(AckBeforeSync) => Ok(()),
            _ => disk.sync(state.file),
        });
        let written =
            if death.is_some() { written.and(Err(Failed("the process died"))) } else { written };
        if let Err(Failed(why)) = written {
            state.failure = Some(why.into());
            return Err(unavailable(Failed(why)));
        }
        state.end += record.len();
        state.number += 1;
        for change in record::changes(&record[12..]) {
            state.apply(&change);
        }
        if state.end > LONG && state.end > 4 * state.begun {
            let next = state.file + 1;
            if let Err(Failed(why)) = state.begin(&mut disk, next) {
                // This commit is safe; the next one fails.
                state.failure = Some(why.into());
            }
        }
        Ok(())
    }
}

impl State {
    /// Takes over what a log came to, if it is one.
    fn recover(&mut self, log: &[u8], file: u64) -> bool {
        let (mut rest, mut number) = (log, 0);
        while let Some((payload, next)) = record::first(rest, file, number) {
            record::changes(payload).iter().for_each(|change| self.apply(change));
            (rest, number) = (next, number + 1);
            abide_faults::fault!(RecoveryStopsEarly => if number > 4 { break });
        }
        number > 0
    }

    /// Begins a log with all that there is, and forgets the ones before.
    fn begin(&mut self, disk: &mut Disk, file: u64) -> Result<(), Failed> {
        let mut payload = Payload::default();
        for (shard, state) in &self.shards {
            payload.push(&Change::Owner(*shard, &state.ownership.encode()));
            for (key, value) in &state.entries {
                payload.push(&Change::Put(*shard, key, value));
            }
        }
        let record = payload.seal(file, 0);
        disk.write(file, 0, &record)?;
        disk.sync(file)?;
        for old in disk.files() {
            if old < file {
                disk.remove(old);
            }
        }
        (self.file, self.end, self.begun, self.number) = (file, record.len(), record.len(), 1);
        Ok(())
    }

    fn apply(&mut self, change: &Change<'_>) {
        match change {
            Change::Put(shard, key, value) => {
                self.shard(*shard).entries.insert(key.to_vec(), value.to_vec());
            }
            Change::Delete(shard, key) => {
                self.shard(*shard).entries.remove(*key);
            }
            Change::Owner(shard, bytes) => {
                let owner = Ownership::decode(bytes).expect("a whole record holds what was put in");
                self.shard(*shard).ownership = owner;
            }
            Change::Clear(shard) => self.shard(*shard).entries.clear(),
        }
    }

    fn shard(&mut self, shard: ShardId) -> &mut Shard {
        self.shards.entry(shard).or_default()
    }

    fn check(&self) -> Result<(), Error> {
        match &self.failure {
            None => Ok(()),
            Some(why) => Err(Error::Unavailable(format!("the store has failed: {why}"))),
        }
    }

    fn owned(&self, shard: ShardId, epoch: Epoch) -> Result<&Ownership, Error> {
        let owner = self.shards.get(&shard).map(|shard| &shard.ownership);
        let fenced = self.plant != Some(Plant::DoubleClaim);
        owner.filter(|owner| owner.epoch == epoch || !fenced).ok_or(Error::Fenced(shard))
    }
}

impl Store for LogStore {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        let mut state = self.state();
        state.check()?;
        let owner = &state.shard(shard).ownership;
        let (owner, claim) = owner.claimed(node, lease_ms, now_ms).ok_or(Error::Fenced(shard))?;
        let mut payload = Payload::default();
        payload.push(&Change::Owner(shard, &owner.encode()));
        self.write(&mut state, payload)?;
        Ok(claim)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let state = self.state();
        state.check()?;
        if lock(&self.disk).read_fails() {
            return Err(Error::Unavailable("a sector cannot be read".into()));
        }
        let entries = state.shards.get(&shard).map(|state| &state.entries);
        Ok(keys.iter().map(|key| entries?.get(key.as_bytes()).cloned()).collect())
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        let state = self.state();
        state.check()?;
        if lock(&self.disk).read_fails() {
            return Err(Error::Unavailable("a sector cannot be read".into()));
        }
        let entries = state.shards.get(&shard).map(|state| &state.entries);
        Ok(entries.map_or_else(Page::default, |entries| Page::of(entries, range, limit)))
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        let mut state = self.state();
        state.check()?;
        let mut payload = Payload::default();
        let mut owners = BTreeMap::new();
        for Commit { shard, epoch, batch } in commits {
            let owner = state.owned(*shard, *epoch)?;
            batch.check()?;
            let owner = owners.entry(*shard).or_insert_with(|| owner.clone());
            owner.clock = owner.clock.max(batch.now);
            let half = self.is_half(&state);
            for Write { key, value } in batch.writes().skip(usize::from(half)) {
                payload.push(&match value {
                    Some(value) => Change::Put(*shard, key, value),
                    None => Change::Delete(*shard, key),
                });
            }
        }
        for (shard, owner) in owners {
            payload.push(&Change::Owner(shard, &owner.encode()));
        }
        self.write(&mut state, payload)
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        let mut state = self.state();
        state.check()?;
        let mut owner = state.owned(shard, epoch)?.clone();
        owner.clock = i64::MIN;
        let mut payload = Payload::default();
        payload.push(&Change::Clear(shard));
        payload.push(&Change::Owner(shard, &owner.encode()));
        self.write(&mut state, payload)
    }
}

fn unavailable(Failed(why): Failed) -> Error {
    Error::Unavailable(why.into())
}

fn lock(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use abide_store::conformance;

    use super::*;
    use crate::chance::Chance;

    fn make() -> LogStore {
        LogStore::open(Arc::new(Mutex::new(Disk::new(Chance::new(1)))), None).unwrap()
    }

    #[test]
    fn conforms() {
        let reopen = |store: LogStore| LogStore::open(store.disk.clone(), None).unwrap();
        conformance::run(make, Some(&reopen));
    }

    #[test]
    fn conforms_across_losses_of_power() {
        let reopen = |store: LogStore| {
            lock(&store.disk).lose_power();
            LogStore::open(store.disk.clone(), None).unwrap()
        };
        conformance::run(make, Some(&reopen));
    }
}
