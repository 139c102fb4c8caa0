use std::{fs, path::Path};

use abide_store::{Batch, Commit, Key, ShardId, Store, codec::family};
use abide_store_fjall::{FjallStore, Options};

use crate::support::{Abide, Run, run};

/// The data of a server that has done something of everything, and is stopped.
fn data() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut abide = Abide::serve(&home.path().join("data"));
    abide.run(&["promise", "create", "approval", "--timeout", "24h"]).exits(0);
    abide.run(&["promise", "create", "over", "--timeout", "24h"]).exits(0);
    abide.run(&["promise", "resolve", "over", "--value", "7"]).exits(0);
    abide.run(&["invoke", "order", "--func", "order", "--on", "workers"]).exits(0);
    abide.run(&["schedule", "create", "nightly", "--cron", "0 3 * * *", "--func", "f"]).exits(0);
    assert_eq!(abide.stop(), Some(0));
    home
}

fn check(home: &tempfile::TempDir) -> Run {
    run(&["check", home.path().join("data").to_str().unwrap()])
}

/// Every file with its content, and the names in the directory above.
fn contents(directory: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let content = path.is_file().then(|| fs::read(&path).unwrap());
            found.push((path.display().to_string(), content));
            if path.is_dir() {
                directories.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn sound_data_is_told_and_not_changed() {
    let home = data();
    let before = contents(home.path());
    let checked = check(&home).exits(0);
    checked.says("nothing is wrong with").says("3 promises, 1 tasks, 1 schedules");
    let path = home.path().join("data");
    let sum = run(&["check", path.to_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!(sum["sound"], true);
    assert_eq!(sum["promises"], 3);
    assert!(contents(home.path()) == before, "nothing was changed");
}

#[test]
fn data_in_use_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let _abide = Abide::serve(&home.path().join("data"));
    check(&home).exits(5).says("in use by process").says("stop it first");
}

#[test]
fn what_is_no_data_is_refused() {
    let home = tempfile::tempdir().unwrap();
    check(&home).exits(1).says("is not a complete store");
    fs::create_dir(home.path().join("data")).unwrap();
    check(&home).exits(1).says("it has neither FORMAT nor LOCK");
    assert_eq!(contents(home.path()).len(), 1, "nothing was created");
}

#[test]
fn damaged_files_are_named() {
    type Damage = fn(&mut Vec<u8>);
    let cases: [(&str, Damage, &str); 7] = [
        ("FORMAT", |bytes| bytes[14] ^= 1, "its FORMAT is unreadable"),
        ("CLOSED", |bytes| bytes.truncate(4), "CLOSED: it does not look like one"),
        ("journal/0.jnl", |bytes| bytes[40] ^= 1, "journal/0.jnl: the store was closed with"),
        ("tree/0.jnl", |bytes| bytes[0] ^= 1, "tree/0.jnl: it is damaged"),
        ("tree/version", |bytes| bytes.clear(), "tree/version: it is damaged"),
        ("tree/keyspaces/1/current", |bytes| bytes[0] ^= 8, "keyspaces/1/v"),
        ("tree/keyspaces/0/tables/0", |bytes| bytes[900] ^= 1, "tables/0: it is damaged"),
    ];
    for (name, damage, told) in cases {
        let home = data();
        let path = home.path().join("data").join(name);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let before = contents(home.path());
        let checked = check(&home).exits(1);
        checked.says("restore a backup").shows(told);
        assert!(contents(home.path()) == before, "{name}: nothing was changed");
    }
}

/// Changes a record behind the server's back.
fn write(home: &tempfile::TempDir, change: impl FnOnce(&FjallStore, &mut Batch)) {
    let store = FjallStore::open(home.path().join("data"), Options::default()).unwrap();
    let epoch = store.claim(ShardId(0), "test", 0, i64::MAX).unwrap().epoch;
    let mut batch = Batch::at(0);
    change(&store, &mut batch);
    store.commit(&[Commit { shard: ShardId(0), epoch, batch }]).unwrap();
}

#[test]
fn records_that_make_no_sense_are_named() {
    let home = data();
    let approval = Key::new(family::PROMISE, b"approval");
    write(&home, |_, batch| batch.put(approval.clone(), b"no record".to_vec()));
    check(&home).exits(1).shows("shard 0, key 1:approval: ").says("1 problem in");

    // Without the promise, its deadline in the index is an entry of nothing.
    write(&home, |_, batch| batch.delete(approval.clone()));
    let checked = check(&home).exits(1);
    checked.shows("shard 0: ").shows("does not hold").shows("approval");
    let path = home.path().join("data");
    let lines = run(&["check", path.to_str().unwrap(), "--json"]).exits(1).json_lines();
    assert_eq!(lines.last().unwrap()["sound"], false);
    assert_eq!(lines[0]["place"], "shard 0");
}
