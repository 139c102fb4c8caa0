//! Opens a crash image and compares it with the model.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
    time::Duration,
};

use abide_store::{Batch, Commit, Epoch, Key, Range, ShardId, Store};
use abide_store_fjall::{FjallStore, OpenError, Options};
use fastrand::Rng;

use super::{
    model::Model,
    script::{self, FAMILIES, Operation},
};
use crate::panics;

/// How many entries a scan is asked for.
const PAGE: usize = 1_000;

/// How many claims may have been written between the last acknowledged one and a crash: one for
/// each time that the process tried.
const CLAIMS_IN_DOUBT: u64 = 8;

/// The entries of a shard.
pub(super) fn entries(
    store: &FjallStore,
    shard: ShardId,
) -> Result<BTreeMap<Key, Vec<u8>>, String> {
    let mut all = BTreeMap::new();
    for family in FAMILIES {
        let mut range = Range::all(family);
        loop {
            let page = store.scan(shard, &range, PAGE).map_err(|error| error.to_string())?;
            let last = page.entries.last().map(|(key, _)| key.clone());
            all.extend(page.entries);
            match last {
                Some(last) if page.more => range = range.after(&last),
                _ => break,
            }
        }
    }
    Ok(all)
}

/// The states that a store may be in, going by its entries.
pub(super) fn found(store: &FjallStore, states: &[Model]) -> Result<Vec<Model>, String> {
    let shards = states[0].shards.len() as u16;
    let entries: Vec<_> =
        (0..shards).map(|shard| entries(store, ShardId(shard))).collect::<Result<_, _>>()?;
    let same = |model: &&Model| model.shards.iter().map(|shard| &shard.entries).eq(&entries);
    let found: Vec<Model> = states.iter().filter(same).cloned().collect();
    if found.is_empty() { Err(difference(&states[0], &entries)) } else { Ok(found) }
}

/// How the entries differ from a state.
fn difference(model: &Model, entries: &[BTreeMap<Key, Vec<u8>>]) -> String {
    for (number, (shard, entries)) in model.shards.iter().zip(entries).enumerate() {
        let missing = shard.entries.iter().find(|(key, value)| entries.get(key) != Some(value));
        let foreign = entries.iter().find(|(key, value)| shard.entries.get(key) != Some(value));
        if let Some((key, _)) = missing.or(foreign) {
            let what = match (shard.entries.contains_key(key), entries.contains_key(key)) {
                (true, false) => "is lost",
                (false, true) => "should not be there",
                _ => "has another value",
            };
            let (expected, found) = (shard.entries.len(), entries.len());
            return format!(
                "shard {number}: {key:?} {what} ({expected} entries were acknowledged, {found} \
                 are there)"
            );
        }
    }
    "no difference".into()
}

/// Opens the image as a restarted process would, goes on, and opens it again.
pub(super) fn image(
    directory: &Path,
    options: Options,
    states: &[Model],
    rng: &mut Rng,
) -> Result<(), String> {
    let checked = catch_unwind(AssertUnwindSafe(|| {
        let mut model = first_opening(directory, options, states, rng)?;
        let store = open(directory, options)?;
        model = found(&store, &[model])
            .map_err(|error| format!("at the second opening: {error}"))?
            .remove(0);
        claim(&store, &mut vec![model]).map_err(|error| format!("at the second opening: {error}"))
    }));
    match checked {
        Ok(checked) => checked,
        Err(panic) => Err(format!("a panic: {}", panics::told(&*panic))),
    }
}

/// How often a store that is in use is tried again, and after what pause.
const ATTEMPTS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Opens a store that nobody else has open. Between the `fork` and the `exec` of a process that
/// another thread starts, that process holds the lock of what has just been closed here.
fn open(directory: &Path, options: Options) -> Result<FjallStore, String> {
    for _ in 0..ATTEMPTS {
        match FjallStore::open(directory, options) {
            Err(OpenError::InUse { .. }) => thread::sleep(PAUSE),
            opened => return opened.map_err(|error| format!("does not open: {error}")),
        }
    }
    Err("does not open: its lock is not released".into())
}

/// The state after a commit on the store that was found.
fn first_opening(
    directory: &Path,
    options: Options,
    states: &[Model],
    rng: &mut Rng,
) -> Result<Model, String> {
    let store = open(directory, options)?;
    let mut states = found(&store, states)?;
    claim(&store, &mut states)?;
    let mut model = states.swap_remove(0);
    let operation = script::commit(options.shards, u64::MAX >> 20, rng);
    commit(&store, &model, &operation).map_err(|error| format!("does not go on: {error}"))?;
    model.apply(&operation, None);
    found(&store, &[model]).map(|mut found| found.remove(0))
}

/// Claims all shards, and keeps the states that agree with what that tells.
fn claim(store: &FjallStore, states: &mut Vec<Model>) -> Result<(), String> {
    for shard in 0..states[0].shards.len() {
        let claim = store
            .claim(ShardId(shard as u16), "node", 0, 0)
            .map_err(|error| format!("cannot be claimed: {error}"))?;
        let known = states[0].shards[shard].epoch;
        if !(known + 1..=known + CLAIMS_IN_DOUBT).contains(&claim.epoch.0) {
            let epoch = claim.epoch.0;
            return Err(format!("shard {shard}: epoch {epoch} is claimed, {known} was before"));
        }
        let clocks: Vec<i64> = states.iter().map(|state| state.shards[shard].clock).collect();
        states.retain(|state| state.shards[shard].clock == claim.clock_floor);
        if states.is_empty() {
            let floor = claim.clock_floor;
            return Err(format!("shard {shard}: its clock is at {floor}, not in {clocks:?}"));
        }
        states.iter_mut().for_each(|state| state.shards[shard].epoch = claim.epoch.0);
    }
    Ok(())
}

/// Commits under the epochs that the model knows.
pub(super) fn commit(
    store: &FjallStore,
    model: &Model,
    operation: &Operation,
) -> Result<(), abide_store::Error> {
    let Operation::Commit { now, shards } = operation else { return Ok(()) };
    let commits: Vec<Commit> = shards
        .iter()
        .map(|(shard, writes)| {
            let mut batch = Batch::at(*now);
            for (key, value) in writes {
                match value {
                    Some(value) => batch.put(key.clone(), value.clone()),
                    None => batch.delete(key.clone()),
                }
            }
            Commit { shard: *shard, epoch: Epoch(model.shard(*shard).epoch), batch }
        })
        .collect();
    store.commit(&commits)
}
