use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};

use abide_store::{
    Claim, Commit, Epoch, Error, Key, MAX_PAGE_BYTES, Ownership, Page, Range, ShardId, Store, Write,
};
use fjall::UserKey;

use crate::{
    OpenError, Options,
    closed::Closing,
    entries::Entries,
    flusher::Flusher,
    format::Format,
    gaps::{Gaps, Stretch},
    journal::{self, Journal, Record},
    layout::{self, Layout},
    lock::Lock,
    memory::Sealed,
    place::{self, successor},
    recovery::Contents,
    shared::{self, Shared},
};

#[cfg(test)]
mod tests;

/// How many keys a clear removes in one commit.
const CLEAR_KEYS: usize = 10_000;

/// How many memtables may wait to be written to tables; commits wait after that.
const SEALED_MEMTABLES: usize = 3;

/// How long a scan looks for its next entry until it is taken to pass what was deleted: some hundreds
/// of marks.
const PATIENCE: Duration = Duration::from_micros(100);

/// A store in a directory. One handle has it open; it may be shared between threads.
pub struct FjallStore {
    path: PathBuf,
    format: Format,
    gaps: Gaps,
    /// For how long a scan looks for its next entry before the stretch without one is remembered.
    patience: Duration,
    // What follows is closed in this order.
    writer: Mutex<Writer>,
    _flusher: Flusher,
    shared: Arc<Shared>,
    closing: Closing,
    _lock: Lock,
}

/// What a commit takes.
struct Writer {
    /// Who owns which shard. The lock on the directory makes this the only copy, and holding the
    /// mutex through a commit keeps a claim from slipping between its fence and its write.
    owners: HashMap<ShardId, Ownership>,
    journal: Journal,
}

impl FjallStore {
    /// Opens the store in a directory; creates both where there is none, and brings an older
    /// format up to date.
    ///
    /// # Errors
    /// See [`OpenError`]. Errors name the directory and say what to do.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let Layout { contents, format, closing, lock } = layout::open(&path, options)?;
        let Contents { tables, database, journal, memory } = contents;
        let shared = Arc::new(Shared {
            memory: RwLock::new(memory),
            tables,
            database,
            journal: path.join(journal::DIRECTORY),
            failure: OnceLock::new(),
            closing: Mutex::new(false),
            changed: Condvar::new(),
        });
        let owners =
            owners(&shared).map_err(|reason| OpenError::Tree { path: path.clone(), reason })?;
        let flusher = Flusher::start(shared.clone())
            .map_err(|source| OpenError::Io { path: path.clone(), source })?;
        Ok(FjallStore {
            path,
            format,
            gaps: Gaps::default(),
            patience: PATIENCE,
            writer: Mutex::new(Writer { owners, journal }),
            _flusher: flusher,
            shared,
            closing,
            _lock: lock,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of shards, chosen when the store was created.
    pub fn shards(&self) -> u16 {
        self.format.shards
    }

    /// When the store was created, in Unix milliseconds.
    pub fn created(&self) -> i64 {
        self.format.created
    }

    /// Who owns a shard, and how far its clock has come; `None` when nobody ever did.
    ///
    /// # Errors
    /// When the store has failed.
    pub fn ownership(&self, shard: ShardId) -> Result<Option<Ownership>, Error> {
        Ok(self.writer()?.owners.get(&shard).cloned())
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        self.check()?;
        self.writer.lock().map_err(|_| self.failed("a thread panicked in the middle of a commit"))
    }

    /// Refuses everything after a failure: nobody knows what the files hold now.
    fn check(&self) -> Result<(), Error> {
        match self.shared.failure.get() {
            None => Ok(()),
            Some(reason) => Err(Error::Unavailable(self.describe(reason))),
        }
    }

    fn failed(&self, reason: impl fmt::Display) -> Error {
        Error::Unavailable(self.describe(self.shared.fail(reason.to_string())))
    }

    fn describe(&self, reason: &str) -> String {
        let path = self.path.display();
        format!("the store in {path} has failed and has to be reopened: {reason}")
    }

    fn unreadable(&self, error: impl fmt::Display) -> Error {
        let path = self.path.display();
        Error::Unavailable(format!(
            "the store in {path} cannot be read: {error}; stop the server and run `abide check \
             {path}`, which names the file"
        ))
    }

    /// What is stored from one place to before another.
    fn entries(&self, from: &[u8], to: &[u8]) -> Result<Entries<'_>, Error> {
        let Shared { memory, tables, .. } = &*self.shared;
        Entries::new(memory, tables, (from, to)).map_err(|error| self.unreadable(error))
    }

    /// Writes a commit; it is durable, and can be read, when this returns.
    fn write(&self, writer: &mut Writer, record: Record) -> Result<(), Error> {
        if record.is_empty() {
            return Ok(());
        }
        if writer.journal.is_full() {
            self.seal(&mut writer.journal)?;
        }
        let record = writer.journal.append(record).map_err(|error| self.failed(error))?;
        shared::write(&self.shared.memory).active.take_in(&record);
        Ok(())
    }

    /// Begins a new segment of the journal, and hands what is in the full one to the flusher. Waits
    /// while too much waits for that already.
    fn seal(&self, journal: &mut Journal) -> Result<(), Error> {
        let mut closing = self.shared.closing();
        while self.shared.waiting() >= SEALED_MEMTABLES {
            self.check()?;
            let changed = &self.shared.changed;
            closing = changed.wait(closing).unwrap_or_else(PoisonError::into_inner);
        }
        drop(closing);
        let (segment, last) = journal.rotate().map_err(|error| self.failed(error))?;
        let mut memory = shared::write(&self.shared.memory);
        let memtable = std::mem::take(&mut memory.active);
        memory.sealed.push_back(Sealed { segment, last, memtable }.into());
        drop(memory);
        drop(self.shared.closing());
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Remembers a stretch in which a scan has found nothing and took long, if it takes long once
    /// more: then it was not the machine that was busy.
    fn learn_gap(&self, stretch: Stretch) -> Result<(), Error> {
        let (start, end) = &stretch;
        self.gaps.learn(&stretch, || {
            let begun = Instant::now();
            let first = self.entries(start, end)?.next().transpose();
            let first = first.map_err(|error| self.unreadable(error))?;
            Ok(first.is_none() && begun.elapsed() >= self.patience)
        })
    }
}

impl Drop for FjallStore {
    fn drop(&mut self) {
        if self.shared.failure.get().is_some() {
            self.closing.failed();
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
        let mut writer = self.writer()?;
        let owner = writer.owners.get(&shard).cloned().unwrap_or_default();
        let (claimed, claim) = owner.claimed(node, lease_ms, now_ms).ok_or(Error::Fenced(shard))?;
        self.write(&mut writer, owned_by(shard, &claimed))?;
        writer.owners.insert(shard, claimed);
        Ok(claim)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.check()?;
        let mut place = Vec::new();
        keys.iter()
            .map(|key| {
                place::of(shard, key.as_bytes(), &mut place);
                // Memory comes first: what has left it meanwhile is in a table by then.
                if let Some(written) = shared::read(&self.shared.memory).get(&place) {
                    return Ok(written.map(|value| value.to_vec()));
                }
                let value =
                    self.shared.tables.get(&place).map_err(|error| self.unreadable(error))?;
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
            let mut entries = self.entries(&from, &to)?;
            let (mut last, mut looked) = (None, Instant::now());
            loop {
                let entry = entries.next().transpose();
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
        let mut writer = self.writer()?;
        let (mut writes, mut bytes) = (0, 0);
        for Commit { shard, epoch, batch } in commits {
            let owner = owned(&mut writer.owners, *shard, *epoch)?;
            batch.check()?;
            writes += batch.len() + 1;
            bytes += batch.bytes() + owner.encode().len();
        }
        let mut record = Record::with_capacity(writes, bytes + writes * place::PREFIX);
        for Commit { shard, epoch, batch } in commits {
            let owner = owned(&mut writer.owners, *shard, *epoch)?;
            if batch.now > owner.clock {
                owner.clock = batch.now;
                record.push(&place::ownership(*shard), &[], Some(&owner.encode()));
            }
            let prefix = place::shard(*shard);
            for Write { key, value } in batch.writes() {
                record.push(&prefix, key, value);
            }
        }
        self.write(&mut writer, record)?;
        for Commit { shard, batch, .. } in commits {
            let written = batch.writes().filter(|write| write.value.is_some());
            self.gaps.written(&place::shard(*shard), written.map(|write| write.key));
        }
        Ok(())
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        let mut writer = self.writer()?;
        owned(&mut writer.owners, shard, epoch)?;
        let (from, to) = place::whole(shard);
        loop {
            let mut record = Record::with_capacity(CLEAR_KEYS, 0);
            for entry in self.entries(&from, &to)?.take(CLEAR_KEYS) {
                let (key, _) = entry.map_err(|error| self.unreadable(error))?;
                record.push(&[], &key, None);
            }
            if record.is_empty() {
                break;
            }
            self.write(&mut writer, record)?;
        }
        let owner = owned(&mut writer.owners, shard, epoch)?;
        owner.clock = Ownership::default().clock;
        let record = owned_by(shard, owner);
        self.write(&mut writer, record)
    }
}

/// Who owns each shard.
fn owners(shared: &Shared) -> Result<HashMap<ShardId, Ownership>, String> {
    let (from, to) = place::ownerships();
    let entries = Entries::new(&shared.memory, &shared.tables, (&from, &to));
    entries
        .map_err(|error| error.to_string())?
        .map(|entry| {
            let (key, value) = entry.map_err(|error| error.to_string())?;
            let owner = place::owned_shard(&key).zip(Ownership::decode(&value));
            owner.ok_or_else(|| "an owner's record is unreadable".into())
        })
        .collect()
}

/// The commit that says who owns a shard.
fn owned_by(shard: ShardId, owner: &Ownership) -> Record {
    let (place, owner) = (place::ownership(shard), owner.encode());
    let mut record = Record::with_capacity(1, place.len() + owner.len());
    record.push(&place, &[], Some(&owner));
    record
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
