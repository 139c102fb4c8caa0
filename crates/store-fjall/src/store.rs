use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use abide_store::{
    Claim, Commit, Epoch, Error, Key, MAX_PAGE_BYTES, Ownership, Page, Range, ShardId, Store, Write,
};
use fjall::{AbstractTree as _, OwnedWriteBatch, PersistMode, UserKey};

use crate::{
    OpenError, Options,
    gaps::{Gaps, Stretch},
    layout::{self, Layout},
    memtables::Memtables,
    pieces::Pieces,
    place::{self, successor},
};

#[cfg(test)]
mod tests;

/// How a commit is made durable: `fdatasync(2)` on the journal. The journal's length is set when
/// it is created, and the call also writes whatever metadata is needed to read the data back.
const DURABILITY: PersistMode = PersistMode::SyncData;

/// How many keys a clear removes in one commit.
const CLEAR_KEYS: usize = 10_000;

/// How many memtables may wait to be flushed. The engine's own limit is 4.
const SEALED_MEMTABLES: usize = 3;
/// How long a commit that has to wait for a flush sleeps before it looks again.
const FLUSH_PAUSE: Duration = Duration::from_millis(2);

/// How long a scan looks for its next entry until it is taken to pass what was deleted: some hundreds
/// of marks.
const PATIENCE: Duration = Duration::from_micros(100);

/// A store in a directory. One handle has it open; it may be shared between threads.
pub struct FjallStore {
    path: PathBuf,
    /// Who owns which shard. The lock on the directory makes this the only copy, and holding the
    /// mutex through a commit keeps a claim from slipping between its fence and its write.
    owners: Mutex<HashMap<ShardId, Ownership>>,
    /// Why the store takes no commits any more.
    failure: OnceLock<String>,
    layout: Layout,
    gaps: Gaps,
    memtables: Mutex<Memtables>,
    /// For how long a scan looks for its next entry before the stretch without one is remembered.
    patience: Duration,
}

impl FjallStore {
    /// Opens the store in a directory; creates both where there is none, and brings an older
    /// format up to date.
    ///
    /// # Errors
    /// See [`OpenError`]. Errors name the directory and say what to do.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let layout = layout::open(&path, options)?;
        let tree = |reason| OpenError::Tree { path: path.clone(), reason };
        let mut owners = HashMap::new();
        for entry in layout.data.range(place::ownerships()) {
            let (key, value) = entry.into_inner().map_err(|error| tree(error.to_string()))?;
            let owner = place::owned_shard(&key).zip(Ownership::decode(&value));
            owners.extend([owner.ok_or_else(|| tree("an owner's record is unreadable".into()))?]);
        }
        Ok(FjallStore {
            path,
            owners: Mutex::new(owners),
            failure: OnceLock::new(),
            layout,
            gaps: Gaps::default(),
            memtables: Mutex::default(),
            patience: PATIENCE,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of shards, chosen when the store was created.
    pub fn shards(&self) -> u16 {
        self.layout.format.shards
    }

    /// When the store was created, in Unix milliseconds.
    pub fn created(&self) -> i64 {
        self.layout.format.created
    }

    /// Who owns a shard, and how far its clock has come; `None` when nobody ever did.
    ///
    /// # Errors
    /// When the store has failed.
    pub fn ownership(&self, shard: ShardId) -> Result<Option<Ownership>, Error> {
        Ok(self.owners()?.get(&shard).cloned())
    }

    fn owners(&self) -> Result<MutexGuard<'_, HashMap<ShardId, Ownership>>, Error> {
        self.check()?;
        self.owners.lock().map_err(|_| self.failed("a thread panicked in the middle of a commit"))
    }

    /// Refuses everything after a failure: nobody knows what the files hold now.
    fn check(&self) -> Result<(), Error> {
        match self.failure.get() {
            None => Ok(()),
            Some(reason) => Err(Error::Unavailable(reason.clone())),
        }
    }

    fn failed(&self, reason: impl fmt::Display) -> Error {
        let path = self.path.display();
        let text = format!("the store in {path} has failed and has to be reopened: {reason}");
        Error::Unavailable(self.failure.get_or_init(|| text).clone())
    }

    fn unreadable(&self, error: impl fmt::Display) -> Error {
        let path = self.path.display();
        Error::Unavailable(format!(
            "the store in {path} cannot be read: {error}; stop the server and run `abide check \
             {path}`, which names the file"
        ))
    }

    fn batch(&self, capacity: usize) -> OwnedWriteBatch {
        OwnedWriteBatch::with_capacity(self.layout.database.clone(), capacity)
            .durability(Some(DURABILITY))
    }

    fn write(&self, batch: OwnedWriteBatch) -> Result<(), Error> {
        self.wait_for_flushes()?;
        let active = self.layout.data.tree.active_memtable();
        self.memtables.lock().unwrap_or_else(PoisonError::into_inner).keep(active);
        batch.commit().map_err(|error| self.failed(error))
    }
}

impl FjallStore {
    /// Waits while too many memtables are to be flushed. The engine does so, too, at one more, but
    /// without looking whether the thread that flushes is still alive: where a full disk has ended
    /// that, it would wait for ever.
    fn wait_for_flushes(&self) -> Result<(), Error> {
        while self.layout.data.sealed_memtable_count() >= SEALED_MEMTABLES {
            let alive = self.layout.database.persist(PersistMode::Buffer);
            alive.map_err(|error| self.failed(error))?;
            thread::sleep(FLUSH_PAUSE);
        }
        Ok(())
    }

    /// Remembers a stretch in which a scan has found nothing and took long, if it takes long once
    /// more: then it was not the machine that was busy.
    fn learn_gap(&self, stretch: Stretch) -> Result<(), Error> {
        let (start, end) = &stretch;
        self.gaps.learn(&stretch, || {
            let begun = Instant::now();
            let first = self.layout.data.range(start.as_slice()..end.as_slice()).next();
            let first = first.map(|entry| entry.key()).transpose();
            let first = first.map_err(|error| self.unreadable(error))?;
            Ok(first.is_none() && begun.elapsed() >= self.patience)
        })
    }
}

impl Drop for FjallStore {
    fn drop(&mut self) {
        if self.failure.get().is_some() {
            self.layout.closing.failed();
        }
    }
}

impl Store for FjallStore {
    fn claim(
        &self,
        shard: ShardId,
        node: &str,
        lease_ms: i64,
        now_ms: i64,
    ) -> Result<Claim, Error> {
        let mut owners = self.owners()?;
        let owner = owners.entry(shard).or_default();
        let (claimed, claim) = owner.claimed(node, lease_ms, now_ms).ok_or(Error::Fenced(shard))?;
        let mut batch = self.batch(1);
        batch.insert(&self.layout.data, place::ownership(shard), claimed.encode());
        self.write(batch)?;
        *owner = claimed;
        Ok(claim)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.check()?;
        let mut place = Vec::new();
        keys.iter()
            .map(|key| {
                place::of(shard, key.as_bytes(), &mut place);
                let value = self.layout.data.get(&place).map_err(|error| self.unreadable(error))?;
                Ok(value.map(|value| value.to_vec()))
            })
            .collect()
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        self.check()?;
        let mut page = Page::default();
        if range.is_empty() {
            return Ok(page);
        }
        let mut bytes = 0;
        for (from, to) in self.gaps.around(place::range(shard, range)) {
            let mut entries = self.layout.data.range(from.as_slice()..to.as_slice());
            let (mut last, mut looked) = (None, Instant::now());
            loop {
                let entry = entries.next().map(|entry| entry.into_inner()).transpose();
                let entry = entry.map_err(|error| self.unreadable(error))?;
                if looked.elapsed() >= self.patience {
                    let start = last.map_or(from.clone(), |last: UserKey| successor(last.to_vec()));
                    let end = entry.as_ref().map_or(to.clone(), |(key, _)| key.to_vec());
                    self.learn_gap((start, end))?;
                }
                let Some((key, value)) = entry else { break };
                if page.entries.len() >= limit || bytes >= MAX_PAGE_BYTES {
                    page.more = true;
                    return Ok(page);
                }
                bytes += key.len() + value.len();
                let found =
                    place::key(&key).ok_or_else(|| self.unreadable("a key is too short"))?;
                page.entries.push((found, value.to_vec()));
                (last, looked) = (Some(key), Instant::now());
            }
        }
        Ok(page)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        let mut owners = self.owners()?;
        let (mut writes, mut bytes) = (0, 0);
        for Commit { shard, epoch, batch } in commits {
            owned(&mut owners, *shard, *epoch)?;
            batch.check()?;
            writes += batch.len() + 1;
            bytes += batch.bytes();
        }
        bytes += writes * place::PREFIX;
        let mut written = Pieces::new(&self.layout.data, self.batch(writes), writes, bytes);
        for Commit { shard, epoch, batch } in commits {
            let owner = owned(&mut owners, *shard, *epoch)?;
            if batch.now > owner.clock {
                owner.clock = batch.now;
                written.push(&place::ownership(*shard), &[], Some(&owner.encode()));
            }
            let prefix = place::shard(*shard);
            for Write { key, value } in batch.writes() {
                written.push(&prefix, key, value);
            }
        }
        self.write(written.finish())?;
        for Commit { shard, batch, .. } in commits {
            let written = batch.writes().filter(|write| write.value.is_some());
            self.gaps.written(&place::shard(*shard), written.map(|write| write.key));
        }
        Ok(())
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        let mut owners = self.owners()?;
        let owner = owned(&mut owners, shard, epoch)?;
        let data = &self.layout.data;
        loop {
            let mut batch = self.batch(CLEAR_KEYS);
            for entry in data.prefix(place::shard(shard)).take(CLEAR_KEYS) {
                batch.remove(data, entry.key().map_err(|error| self.unreadable(error))?);
            }
            if batch.is_empty() {
                break;
            }
            self.write(batch)?;
        }
        owner.clock = Ownership::default().clock;
        let mut batch = self.batch(1);
        batch.insert(data, place::ownership(shard), owner.encode());
        self.write(batch)
    }
}

fn owned(
    owners: &mut HashMap<ShardId, Ownership>,
    shard: ShardId,
    epoch: Epoch,
) -> Result<&mut Ownership, Error> {
    owners.get_mut(&shard).filter(|owner| owner.epoch == epoch).ok_or(Error::Fenced(shard))
}

impl fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallStore").field("path", &self.path).finish_non_exhaustive()
    }
}
