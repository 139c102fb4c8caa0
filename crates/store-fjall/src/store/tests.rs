use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use abide_store::{Batch, Family, conformance};
use tempfile::tempdir;

use super::*;

const SHARD: ShardId = ShardId(0);
const FAMILY: Family = Family(7);

/// Every stretch without an entry is remembered, however soon a scan has passed it.
fn eager(path: &Path) -> FjallStore {
    let options = Options { memtable_bytes: 8 << 10, ..Options::default() };
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

/// Commits of 40 keys each, of which every one is written again later, until a segment of the journal
/// has been replaced by a table. Links to all segments there have been are in `links`.
fn fill(path: &Path, links: &Path) -> BTreeMap<u32, Vec<u8>> {
    let store = eager(path);
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    let mut expected = BTreeMap::new();
    let first = path.join(journal::DIRECTORY).join("0.jnl");
    for n in 0.. {
        let mut batch = Batch::at(0);
        for number in (0..40).map(|at| (n * 7 + at) % 100) {
            if n % 3 == 1 {
                batch.delete(key(number));
                expected.remove(&number);
            } else {
                let value = format!("{n} {}", "v".repeat(100)).into_bytes();
                batch.put(key(number), value.clone());
                expected.insert(number, value);
            }
        }
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
        for entry in fs::read_dir(path.join(journal::DIRECTORY)).unwrap() {
            let entry = entry.unwrap();
            let _ = fs::hard_link(entry.path(), links.join(entry.file_name()));
        }
        if !first.exists() && n > 100 {
            break;
        }
    }
    drop(store);
    // As if it had not been closed.
    fs::remove_file(path.join("CLOSED")).unwrap();
    expected
}

fn holds(store: &FjallStore, expected: &BTreeMap<u32, Vec<u8>>) -> bool {
    let keys: Vec<Key> = (0..100).map(key).collect();
    let loaded = store.load(SHARD, &keys).unwrap();
    let mut scanned = store.scan(SHARD, &Range::all(FAMILY), 1_000).unwrap().entries.into_iter();
    let mut all: Vec<(Key, &Vec<u8>)> =
        expected.iter().map(|(number, value)| (key(*number), value)).collect();
    all.sort();
    loaded.iter().zip(0..).all(|(value, number)| value.as_ref() == expected.get(&number))
        && all
            .iter()
            .all(|(key, value)| scanned.next().is_some_and(|(k, v)| k == *key && v == **value))
        && scanned.next().is_none()
}

/// A power cut may bring back the name of the segment that was removed last.
#[test]
fn a_segment_that_comes_back_changes_nothing() {
    let home = tempdir().unwrap();
    let (path, links) = (home.path().join("store"), home.path().join("links"));
    fs::create_dir(&links).unwrap();
    let expected = fill(&path, &links);
    let segment = |number: u64| path.join(journal::DIRECTORY).join(format!("{number}.jnl"));
    let oldest = (0..).find(|number| segment(*number).exists()).unwrap();
    let back = segment(oldest - 1);
    fs::hard_link(links.join(back.file_name().unwrap()), &back).unwrap();
    assert!(holds(&eager(&path), &expected));
    assert!(!back.exists(), "it is removed again");
    assert!(holds(&eager(&path), &expected));
}

#[test]
fn commits_that_are_neither_in_a_table_nor_in_the_journal_are_missed() {
    let home = tempdir().unwrap();
    let (path, links) = (home.path().join("store"), home.path().join("links"));
    fs::create_dir(&links).unwrap();
    fill(&path, &links);
    let journal = path.join(journal::DIRECTORY);
    fs::remove_dir_all(&journal).unwrap();
    drop(Journal::create(&journal, 1_000).unwrap());
    let segment = journal::examine(&journal, |_, _| {}).unwrap().segments.remove(0);
    let mut later = Journal::reopen(&journal, &segment, 1 << 20, 1_000).unwrap();
    later.append(owned_by(SHARD, &Ownership::default())).unwrap();
    let refused = FjallStore::open(&path, Options::default()).unwrap_err().to_string();
    assert!(refused.contains("0.jnl: commits before those in it are missing"), "{refused}");
}
