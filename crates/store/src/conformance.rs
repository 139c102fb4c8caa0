//! What makes a backend a backend: a suite that every one of them passes.
//!
//! A backend's tests call [`run`] with a function that makes an empty store and, where the backend
//! outlives its handle, one that closes a store and opens it again:
//!
//! ```
//! use abide_store::{MemoryStore, conformance};
//! conformance::run(MemoryStore::new, None);
//! ```

mod commits;
mod fences;
mod model;
mod reopening;
mod scans;
mod sizes;

use crate::{Batch, Claim, Commit, Error, Family, Key, Range, ShardId, Store};

/// Runs the whole suite.
///
/// # Panics
/// When the backend does not conform; the panic says what was expected.
pub fn run<S: Store>(make: impl Fn() -> S, reopen: Option<&dyn Fn(S) -> S>) {
    for check in commits::CHECKS.iter().chain(fences::CHECKS).chain(scans::CHECKS) {
        check(&make());
    }
    for check in sizes::CHECKS.iter().chain(model::CHECKS) {
        check(&make());
    }
    if let Some(reopen) = reopen {
        reopening::run(&make, reopen);
    }
}

type Check = fn(&dyn Store);

const NODE: &str = "node-1";
const FAMILY: Family = Family(1);
const SHARD: ShardId = ShardId(0);
const LEASE_MS: i64 = 1_000;

fn key(text: &str) -> Key {
    Key::new(FAMILY, text.as_bytes())
}

fn claim(store: &dyn Store, shard: ShardId) -> Claim {
    store.claim(shard, NODE, LEASE_MS, 0).expect("an unowned shard can be claimed")
}

fn batch(writes: &[(&str, Option<&str>)]) -> Batch {
    let mut batch = Batch::at(0);
    for (name, value) in writes {
        match value {
            Some(value) => batch.put(key(name), value.as_bytes().to_vec()),
            None => batch.delete(key(name)),
        }
    }
    batch
}

/// Claims the shard anew and commits.
fn write(store: &dyn Store, shard: ShardId, batch: Batch) {
    let epoch = claim(store, shard).epoch;
    store.commit(&[Commit { shard, epoch, batch }]).expect("the owner commits");
}

fn read(store: &dyn Store, shard: ShardId, name: &str) -> Option<String> {
    let values = store.load(shard, &[key(name)]).expect("loads");
    assert_eq!(values.len(), 1, "one value for one key");
    values[0].clone().map(|value| String::from_utf8(value).expect("what was written"))
}

/// The names of a whole range, page by page. Each comes after the one before it, so the pages come to
/// an end, whatever a backend answers.
fn read_range(store: &dyn Store, shard: ShardId, range: Range, page: usize) -> Vec<String> {
    let mut range = range;
    let mut names = Vec::new();
    loop {
        let found = store.scan(shard, &range, page).expect("scans");
        assert!(found.entries.len() <= page, "a page holds no more than asked for");
        for (key, _) in &found.entries {
            assert_eq!(key.family(), range.family, "no scan leaves its family");
            let name = String::from_utf8(key.suffix().to_vec()).expect("what was written");
            let after = names.last().is_none_or(|last| *last < name);
            assert!(after, "a range is read in order, each key once: {name:?} comes too late");
            names.push(name);
        }
        match found.entries.last() {
            Some((last, _)) if found.more => range = range.after(last),
            None if found.more => panic!("a page without entries promises more"),
            _ => return names,
        }
    }
}

fn fenced(result: Result<(), Error>, shard: ShardId) {
    assert_eq!(result, Err(Error::Fenced(shard)), "a stale owner is fenced");
}
