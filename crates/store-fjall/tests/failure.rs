//! A write that fails ends the store's handle; what was acknowledged before is there afterwards.
#![cfg(unix)]

use std::{env, process::Command};

use abide_store::{Batch, Commit, Error, Family, Key, ShardId, Store};
use abide_store_fjall::{FjallStore, Options};

/// Tells this test binary that it is the process with a limit, and where its store is.
const CHILD: &str = "ABIDE_FAILURE_CHILD";
const SHARD: ShardId = ShardId(0);
const VALUE: usize = 1 << 20;
/// What a segment of the journal takes before a new one begins.
const SEGMENT: u64 = 64 << 20;
/// The length that a segment has from its creation, and hardly more. In the unit of `ulimit -f` in a
/// POSIX shell: 512 bytes.
const FILE_LIMIT: u64 = SEGMENT / 512 + 1;

fn key(n: usize) -> Key {
    Key::new(Family(1), &n.to_be_bytes())
}

/// Not a test of its own: the process that runs into the limit.
#[test]
fn child() {
    let Some(path) = env::var_os(CHILD) else { return };
    let options = Options { memtable_bytes: SEGMENT, ..Options::default() };
    let store = FjallStore::open(path, options).unwrap();
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    let commit = |n| {
        let mut batch = Batch::at(0);
        batch.put(key(n), vec![n as u8; VALUE]);
        store.commit(&[Commit { shard: SHARD, epoch, batch }])
    };
    let failed = (0..100).find(|&n| commit(n).is_err()).expect("the limit is reached");
    assert!(failed > 50, "the journal takes what it has room for: {failed}");
    println!("acknowledged {failed}");

    // Smaller than what failed, so the file would have room for it.
    let mut small = Batch::at(0);
    small.put(key(1_000), vec![1]);
    let refused = store.commit(&[Commit { shard: SHARD, epoch, batch: small }]);
    let Err(Error::Unavailable(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("has failed and has to be reopened"), "{reason}");
    assert!(store.claim(SHARD, "node", 0, 0).is_err(), "nor is anything claimed");
    assert!(store.load(SHARD, &[key(0)]).is_err(), "nor read");
}

#[test]
fn a_failed_commit_ends_the_handle_and_loses_nothing_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    // The signal of the limit is ignored, so that the write fails instead.
    let script = format!("trap '' XFSZ; ulimit -f {FILE_LIMIT}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, home.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged = text.lines().find_map(|line| line.split_once("acknowledged ")).unwrap().1;
    let acknowledged: usize = acknowledged.parse().unwrap();

    let store = FjallStore::open(home.path(), Options::default()).unwrap();
    for n in 0..acknowledged {
        let value = store.load(SHARD, &[key(n)]).unwrap().remove(0);
        assert!(value == Some(vec![n as u8; VALUE]), "commit {n} was acknowledged");
    }
    assert_eq!(store.load(SHARD, &[key(acknowledged), key(1_000)]).unwrap(), [None, None]);
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    let mut batch = Batch::at(0);
    batch.put(key(1_000), vec![1]);
    assert_eq!(store.commit(&[Commit { shard: SHARD, epoch, batch }]), Ok(()));
}
