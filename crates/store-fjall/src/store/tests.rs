use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use abide_store::{Batch, Family, conformance};
use tempfile::tempdir;

use super::*;

const SHARD: ShardId = ShardId(0);
const FAMILY: Family = Family(7);

/// Every stretch without an entry is remembered, however soon a scan has passed it.
fn eager(path: &Path) -> FjallStore {
    let options = Options { memtable_bytes: 64 << 10, ..Options::default() };
    let mut store = FjallStore::open(path, options).unwrap();
    store.patience = Duration::ZERO;
    store
}

fn key(number: u32) -> Key {
    Key::new(FAMILY, format!("r:{number}").as_bytes())
}

fn change(store: &FjallStore, epoch: Epoch, come: &[u32], gone: &[u32]) {
    let mut batch = Batch::at(0);
    gone.iter().for_each(|number| batch.delete(key(*number)));
    come.iter().for_each(|number| batch.put(key(*number), b"value".to_vec()));
    store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
}

fn found(store: &FjallStore, range: &Range, limit: usize) -> Vec<Key> {
    let page = store.scan(SHARD, range, limit).unwrap();
    page.entries.into_iter().map(|(key, _)| key).collect()
}

/// How many of these keys a scan of all there is would pass, if they were all marks of deletions.
fn passed(store: &FjallStore, gone: impl Iterator<Item = u32>) -> usize {
    let left = store.gaps.around(place::range(SHARD, &Range::all(FAMILY)));
    let mut place = Vec::new();
    gone.filter(|number| {
        place::of(SHARD, key(*number).as_bytes(), &mut place);
        left.iter().any(|(start, end)| (start..end).contains(&&place))
    })
    .count()
}

#[test]
fn a_scan_passes_what_was_deleted_once_however_much_it_is() {
    for many in [100, 1_000, 10_000] {
        let home = tempdir().unwrap();
        let path = home.path().join("store");
        let living = many..many + 5;
        let mut store = eager(&path);
        for reopened in [false, true] {
            let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
            if !reopened {
                let all: Vec<u32> = (0..many + 5).collect();
                all.chunks(512).for_each(|come| change(&store, epoch, come, &[]));
                all[..many as usize].chunks(512).for_each(|gone| change(&store, epoch, &[], gone));
            }
            let all = Range::all(FAMILY);
            let expected: BTreeSet<Key> = living.clone().map(key).collect();
            assert_eq!(passed(&store, 0..many), many as usize);
            assert!(found(&store, &all, 1_000).iter().eq(&expected));
            assert_eq!(passed(&store, 0..many), 0, "of {many}");
            assert!(found(&store, &all, 1_000).iter().eq(&expected));
            if reopened {
                // It goes on: some more go, some more come.
                change(&store, epoch, &[many + 5, many + 6], &[many]);
                let now: BTreeSet<Key> = (many + 1..many + 7).map(key).collect();
                assert!(found(&store, &all, 1_000).iter().eq(&now));
                assert_eq!(passed(&store, 0..=many), 0, "of {many}");
            }
            drop(store);
            store = eager(&path);
        }
    }
}

#[test]
fn conforms_where_every_gap_is_remembered() {
    let home = tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    let make = || {
        count.set(count.get() + 1);
        eager(&home.path().join(count.get().to_string()))
    };
    let reopen = |store: FjallStore| {
        let path = store.path().to_owned();
        drop(store);
        eager(&path)
    };
    conformance::run(make, Some(&reopen));
}

/// Numbers that look like chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        u32::try_from((self.0 >> 33) % u64::from(limit)).expect("it is below the limit")
    }
}

#[test]
fn every_scan_finds_what_there_is() {
    for seed in 0..8 {
        let home = tempdir().unwrap();
        let store = eager(&home.path().join("store"));
        let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
        let mut chance = Chance(seed);
        let mut model = BTreeSet::new();
        for step in 0..300 {
            let number = chance.below(200);
            match chance.below(4) {
                0 => {
                    change(&store, epoch, &[number], &[]);
                    model.insert(key(number));
                }
                1 => {
                    let gone: Vec<u32> = (number..number + chance.below(40)).collect();
                    change(&store, epoch, &[], &gone);
                    model.retain(|other| gone.iter().all(|number| key(*number) != *other));
                }
                _ => {
                    let mut range = Range::prefix(FAMILY, format!("r:{}", number % 20).as_bytes());
                    let mut expected: Vec<&Key> = model.iter().collect();
                    match chance.below(3) {
                        0 => expected.retain(|key| key.suffix().starts_with(&key_of(&range))),
                        1 => range = Range::all(FAMILY),
                        _ => {
                            range = Range::all(FAMILY).after(&key(number));
                            expected.retain(|other| **other > key(number));
                        }
                    }
                    let limit = 1 + chance.below(20) as usize;
                    let more = expected.len() > limit;
                    expected.truncate(limit);
                    let page = store.scan(SHARD, &range, limit).unwrap();
                    let at = format!("step {step} of seed {seed}: {range:?}");
                    assert!(page.entries.iter().map(|(key, _)| key).eq(expected), "{at}");
                    assert_eq!(page.more, more, "{at}");
                }
            }
        }
    }
}

fn key_of(range: &Range) -> Vec<u8> {
    match &range.from {
        std::ops::Bound::Included(prefix) => prefix.clone(),
        _ => Vec::new(),
    }
}

/// One thread writes keys and deletes older ones, here and there, while others scan.
#[test]
fn nothing_that_was_acknowledged_before_a_scan_is_missed() {
    const KEYS: u32 = 1_000;
    const LIVING: u32 = 20;
    let home = tempdir().unwrap();
    let store = eager(&home.path().join("store"));
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    // Keys do not grow.
    let scattered = |number: u32| number.wrapping_mul(0x9e37_79b1);
    let (begun, written) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..KEYS {
                begun.store(number, Ordering::SeqCst);
                let gone = number.checked_sub(LIVING).map(scattered);
                change(&store, epoch, &[scattered(number)], gone.as_slice());
                written.store(number + 1, Ordering::SeqCst);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                while written.load(Ordering::SeqCst) < KEYS {
                    let upto = written.load(Ordering::SeqCst);
                    let found = found(&store, &Range::all(FAMILY), usize::MAX);
                    // Those may have gone since.
                    let from = (begun.load(Ordering::SeqCst) + 1).saturating_sub(LIVING);
                    for number in from..upto {
                        assert!(found.contains(&key(scattered(number))), "{number} of {upto}");
                    }
                }
            });
        }
    });
}
