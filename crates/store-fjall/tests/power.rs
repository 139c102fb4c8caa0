//! What a power cut, and what a failing disk, can leave of a journal.
#![cfg(unix)]

use std::{fs, os::unix::fs::FileExt, path::PathBuf};

use abide_store::{Batch, Commit, Family, Key, ShardId, Store};
use abide_store_fjall::{FjallStore, OpenError, Options};

const SHARD: ShardId = ShardId(0);
const COMMITS: u64 = 20;
/// Larger than a page of the disk, so that a lost page can be all value.
const VALUE: usize = 20_000;
const PAGE: usize = 4096;

fn key(n: u64) -> Key {
    Key::new(Family(1), &n.to_be_bytes())
}

/// A store with commits of one large value each; its journal, and where that ends.
fn written() -> (tempfile::TempDir, PathBuf, usize) {
    let home = tempfile::tempdir().unwrap();
    let store = FjallStore::open(home.path(), Options::default()).unwrap();
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    for n in 0..COMMITS {
        let mut batch = Batch::at(0);
        batch.put(key(n), vec![7; VALUE]);
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
    }
    drop(store);
    // As if it had not been closed.
    fs::remove_file(home.path().join("CLOSED")).unwrap();
    let journal = home.path().join("journal/0.jnl");
    let bytes = fs::read(&journal).unwrap();
    let end = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    (home, journal, end)
}

fn zero(journal: &PathBuf, from: usize, length: usize) {
    let file = fs::OpenOptions::new().write(true).open(journal).unwrap();
    file.write_all_at(&vec![0; length], from as u64).unwrap();
}

#[test]
fn a_last_commit_with_holes_is_dropped_and_nothing_else() {
    let holes = [
        ("its beginning", VALUE, PAGE),
        ("its middle", VALUE / 2, PAGE),
        ("its end", PAGE, PAGE),
        ("all after its beginning", VALUE - PAGE, VALUE - PAGE),
    ];
    for (hole, before_end, length) in holes {
        let (home, journal, end) = written();
        zero(&journal, end - before_end, length);
        for opening in 0..2 {
            let store = FjallStore::open(home.path(), Options::default())
                .unwrap_or_else(|error| panic!("{hole}, opening {opening}: {error}"));
            for n in 0..COMMITS {
                let value = store.load(SHARD, &[key(n)]).unwrap().remove(0);
                let expected = (n < COMMITS - 1).then(|| vec![7; VALUE]);
                assert!(value == expected, "{hole}, opening {opening}: commit {n}");
            }
        }
        let store = FjallStore::open(home.path(), Options::default()).unwrap();
        let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
        let mut batch = Batch::at(0);
        batch.put(key(COMMITS - 1), vec![8]);
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
        drop(store);
        let store = FjallStore::open(home.path(), Options::default()).unwrap();
        assert_eq!(store.load(SHARD, &[key(COMMITS - 1)]).unwrap(), [Some(vec![8])]);
    }
}

/// A store that was closed knows how far its journals go: nothing passes for a torn commit.
#[test]
fn a_closed_store_misses_the_end_of_a_journal() {
    let (home, journal, end) = written();
    drop(FjallStore::open(home.path(), Options::default()).unwrap());
    let before = fs::read(&journal).unwrap();
    assert!(home.path().join("CLOSED").exists());
    let refused = |what: &str| {
        let refused =
            FjallStore::open(home.path(), Options::default()).expect_err(what).to_string();
        assert!(refused.contains(".jnl"), "{what}: {refused}");
        assert!(refused.contains("nothing was changed"), "{what}: {refused}");
        // With the room after it as a hole, as before.
        fs::write(&journal, &before[..end]).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&journal).unwrap();
        file.set_len(before.len() as u64).unwrap();
    };
    zero(&journal, end - VALUE, VALUE);
    refused("the last commit is zeros");
    fs::OpenOptions::new().write(true).open(&journal).unwrap().set_len(end as u64 - 20).unwrap();
    refused("the last commit is cut");
    fs::OpenOptions::new().write(true).open(&journal).unwrap().set_len(0).unwrap();
    refused("all commits are gone");
    fs::remove_file(&journal).unwrap();
    refused("the journal is gone");
    fs::write(home.path().join("journal/1.jnl"), b"").unwrap();
    let stranger = FjallStore::open(home.path(), Options::default()).unwrap_err().to_string();
    assert!(stranger.contains("1.jnl: it was not there when the store was closed"), "{stranger}");
    fs::remove_file(home.path().join("journal/1.jnl")).unwrap();
    let store = FjallStore::open(home.path(), Options::default()).unwrap();
    assert!(!home.path().join("CLOSED").exists(), "the store is open");
    assert_eq!(store.load(SHARD, &[key(COMMITS - 1)]).unwrap(), [Some(vec![7; VALUE])]);
}

#[test]
fn damage_before_acknowledged_commits_is_refused_by_name() {
    // In a value, and over the borders between commits.
    for (from_end, length) in [(VALUE * 3, PAGE), (VALUE * 9, VALUE * 2)] {
        let (home, journal, end) = written();
        zero(&journal, end - from_end, length);
        let before = fs::read(&journal).unwrap();
        let refused = FjallStore::open(home.path(), Options::default()).unwrap_err();
        assert!(matches!(&refused, OpenError::Damaged { file, .. } if *file == journal));
        let text = refused.to_string();
        assert!(text.contains("restore it from a backup"), "{text}");
        assert!(fs::read(&journal).unwrap() == before, "nothing was changed");
    }
}
