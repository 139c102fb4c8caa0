//! A process is killed in the middle of commits, again and again: what it has acknowledged is
//! there, and no commit is there in part.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use abide_store::{Batch, Commit, Epoch, Family, Key, Range, ShardId, Store};
use abide_store_fjall::{FjallStore, Options};

/// Tells this test binary that it is the process to be killed, and where its store is.
const CHILD: &str = "ABIDE_CRASH_CHILD";
const KILLS: u64 = 12;
const SHARDS: [ShardId; 3] = [ShardId(0), ShardId(1), ShardId(5)];
/// Small enough that flushes and compactions are in the middle of something when the end comes.
const OPTIONS: Options = Options { shards: 1, cache_bytes: 1 << 20, memtable_bytes: 256 << 10 };

const PARTS: Family = Family(1);
const COUNTERS: Family = Family(2);
const COUNTER: &[u8] = b"counter";

/// How many keys commit `n` has in each shard: from one to some that fill several pages.
fn width(n: u64) -> u64 {
    1 + n * n % 97
}

fn part(n: u64, part: u64) -> Key {
    Key::new(PARTS, &[n.to_be_bytes(), part.to_be_bytes()].concat())
}

/// Commit `n` puts the counter, its own parts, and deletes the parts of the commit before the last.
fn commit(n: u64, epochs: &[Epoch]) -> Vec<Commit> {
    let of_shard = |(&shard, &epoch): (&ShardId, &Epoch)| {
        let mut batch = Batch::at(n as i64);
        batch.put(Key::new(COUNTERS, COUNTER), n.to_be_bytes().to_vec());
        for at in 0..width(n) {
            batch.put(part(n, at), vec![n as u8; 100 + at as usize]);
        }
        for at in 0..n.checked_sub(2).map_or(0, width) {
            batch.delete(part(n - 2, at));
        }
        Commit { shard, epoch, batch }
    };
    SHARDS.iter().zip(epochs).map(of_shard).collect()
}

/// The last commit that is there. Panics when any commit is there in part.
fn last_commit(store: &FjallStore) -> u64 {
    let counters = SHARDS.map(|shard| {
        let value = store.load(shard, &[Key::new(COUNTERS, COUNTER)]).unwrap().remove(0);
        value.map_or(0, |value| u64::from_be_bytes(value.try_into().unwrap()))
    });
    let n = counters[0];
    assert_eq!(counters, [n; 3], "a commit is in all of its shards or in none");
    let mut expected = Vec::new();
    for n in n.saturating_sub(1).max(1)..=n {
        expected.extend((0..width(n)).map(|at| (part(n, at), vec![n as u8; 100 + at as usize])));
    }
    for shard in SHARDS {
        let page = store.scan(shard, &Range::all(PARTS), 10_000).unwrap();
        assert!(!page.more);
        assert!(page.entries == expected, "after commit {n} {shard:?} holds what it wrote");
    }
    n
}

/// Not a test of its own: the process that the test below starts and kills.
#[test]
fn child() {
    let Some(path) = env::var_os(CHILD) else { return };
    let store = FjallStore::open(path, OPTIONS).unwrap();
    let epochs = SHARDS.map(|shard| store.claim(shard, "node", 0, 0).unwrap().epoch);
    let mut acknowledged = std::io::stderr();
    for n in last_commit(&store) + 1.. {
        store.commit(&commit(n, &epochs)).unwrap();
        acknowledged.write_all(format!("acknowledged {n}\n").as_bytes()).unwrap();
    }
}

fn start(path: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half_done() {
    let home = tempfile::tempdir().unwrap();
    let mut last = 0;
    for kill in 0..KILLS {
        let mut child = start(home.path());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let reader = thread::spawn(move || {
            let numbers = lines.map_while(Result::ok).filter_map(|line| {
                line.strip_prefix("acknowledged ").map(|n| n.parse::<u64>().unwrap())
            });
            numbers.last()
        });
        // From before the store is open to after some flushes.
        thread::sleep(Duration::from_millis(5 + kill * kill * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap().unwrap_or(last);

        let store = FjallStore::open(home.path(), OPTIONS).unwrap();
        let found = last_commit(&store);
        assert!(found >= acknowledged, "commit {acknowledged} was acknowledged, {found} is there");
        assert!(found <= acknowledged + 1, "at most one commit was on its way");
        assert!(found >= last, "a restart loses nothing either");
        last = found;
    }
    assert!(last > 50, "the processes lived long enough to commit: {last}");
}
