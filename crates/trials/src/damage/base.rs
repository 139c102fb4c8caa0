//! A store with the records of a random history of the protocol.

use std::{collections::BTreeMap, fs, io, path::Path, thread, time::Duration};

use abide_machine::{
    Config, entries,
    testing::{Model, Script},
};
use abide_store::{
    Batch, Claim, Commit, Family, Key, Range, ShardId, Store,
    codec::{encode_entry, encode_key, encode_row},
};
use abide_store_fjall::{FjallStore, Options};
use fastrand::Rng;

use crate::{
    disk::{Disk, Loss},
    images::fresh,
};

const SHARD: ShardId = ShardId(0);
/// Small, so that there are tables of several levels.
pub(super) const OPTIONS: Options =
    Options { shards: 1, cache_bytes: 1 << 20, memtable_bytes: 4 << 10 };

/// How many steps the history has, how many of them make a commit, and how many commits come
/// between a closing and an opening.
const STEPS: usize = 300;
const STEPS_OF_COMMIT: usize = 4;
const COMMITS_OF_OPENING: usize = 19;
/// What is left to the thread that flushes after each commit.
const PAUSE: Duration = Duration::from_micros(300);

/// One image in so many is of a store that was not closed.
const NOT_CLOSED: u64 = 4;

const PAGE: usize = 4_096;

type Entries = BTreeMap<Key, Vec<u8>>;

#[derive(Debug)]
pub(super) struct Base {
    disk: Disk,
    entries: Entries,
    epoch: u64,
}

impl Base {
    /// Makes a store, and keeps what is on the disk when it is closed.
    pub(super) fn new(scratch: &Path, seed: u64) -> Result<Base, String> {
        let text = |error: io::Error| error.to_string();
        let directory = scratch.join("base");
        fresh(&directory).map_err(text)?;
        let mut script = Script::new(seed, Config::default());
        let mut stored = Entries::new();
        let mut epoch = 0;
        let mut commits = 0;
        while commits < STEPS / STEPS_OF_COMMIT {
            let store = open(&directory)?;
            epoch = claim(&store)?.epoch.0;
            for _ in 0..COMMITS_OF_OPENING {
                for _ in 0..STEPS_OF_COMMIT {
                    script.advance().map_err(|(broken, _)| broken.to_string())?;
                }
                let now = entries_of(script.model());
                commit(&store, epoch, script.model().now(), &stored, &now)?;
                stored = now;
                commits += 1;
                thread::sleep(PAUSE);
            }
        }
        let disk = Disk::of(&directory).map_err(text)?;
        Ok(Base { disk, entries: stored, epoch })
    }

    /// Whether this image is of the store after it was closed.
    pub(super) fn was_closed(&self, image: u64) -> bool {
        !image.is_multiple_of(NOT_CLOSED)
    }

    /// Writes the whole store.
    pub(super) fn image(&self, place: &Path, rng: &mut Rng) -> io::Result<()> {
        self.disk.image(place, Loss { sector: 512, kept: 1.0, ordered: true }, rng)
    }

    /// Says how entries that were read differ from those that were written.
    pub(super) fn compare(&self, entries: &Entries) -> Result<(), String> {
        if *entries == self.entries {
            return Ok(());
        }
        let differs = |(key, value): &(&Key, &Vec<u8>)| entries.get(key) != Some(value);
        let lost = self.entries.iter().find(differs).map(|(key, _)| key);
        let more = entries.keys().find(|key| !self.entries.contains_key(key));
        let (here, there) = (self.entries.len(), entries.len());
        Err(format!(
            "a wrong answer: of {here} entries {there} are there; lost or changed: {lost:?}; not \
             written: {more:?}"
        ))
    }

    /// Writes a little more, and gives what is there then.
    pub(super) fn write(&self, store: &FjallStore) -> Result<Entries, String> {
        let claim = claim(store)?;
        if claim.epoch.0 <= self.epoch {
            return Ok(Entries::new());
        }
        let mut after = self.entries.clone();
        after.insert(Key::new(Family(200), b"more"), vec![7; 3_000]);
        commit(store, claim.epoch.0, 1, &self.entries, &after)?;
        Ok(after)
    }
}

fn open(directory: &Path) -> Result<FjallStore, String> {
    FjallStore::open(directory, OPTIONS).map_err(|error| error.to_string())
}

fn claim(store: &FjallStore) -> Result<Claim, String> {
    store.claim(SHARD, "node", 0, 0).map_err(|error| error.to_string())
}

/// The records of a model and their index, as they are stored.
fn entries_of(model: &Model) -> Entries {
    let mut stored = Entries::new();
    for (key, row) in model.rows() {
        stored.insert(encode_key(key), encode_row(row));
        stored.extend(entries(row).iter().map(|entry| (encode_entry(entry), Vec::new())));
    }
    stored
}

fn commit(
    store: &FjallStore,
    epoch: u64,
    now: i64,
    before: &Entries,
    after: &Entries,
) -> Result<(), String> {
    let mut batch = Batch::at(now);
    for (key, value) in after {
        if before.get(key) != Some(value) {
            batch.put(key.clone(), value.clone());
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(key)) {
        batch.delete(key.clone());
    }
    let epoch = abide_store::Epoch(epoch);
    store.commit(&[Commit { shard: SHARD, epoch, batch }]).map_err(|error| error.to_string())
}

/// Everything in the shard, by a scan; then once more key by key, which takes other ways.
pub(super) fn read(store: &FjallStore) -> Result<Entries, String> {
    let mut all = Entries::new();
    for family in 0..=u8::MAX {
        let mut range = Range::all(Family(family));
        loop {
            let page = store.scan(SHARD, &range, PAGE).map_err(|error| error.to_string())?;
            let last = page.entries.last().map(|(key, _)| key.clone());
            all.extend(page.entries);
            match last {
                Some(last) if page.more => range = range.after(&last),
                _ => break,
            }
        }
    }
    let keys: Vec<Key> = all.keys().cloned().collect();
    let values = store.load(SHARD, &keys).map_err(|error| error.to_string())?;
    for (key, value) in keys.iter().zip(&values) {
        if value.as_ref() != all.get(key) {
            return Err(format!("a wrong answer: {key:?} is scanned and not found"));
        }
    }
    Ok(all)
}

/// Removes what says that a store was closed.
pub(super) fn forget_closing(place: &Path) -> io::Result<()> {
    fs::remove_file(place.join("CLOSED"))
}
