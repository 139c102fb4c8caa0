//! Who may open a directory, and what happens to older and newer ones.

use std::{fs, path::Path};

use abide_store::{Batch, Commit, Family, Key, ShardId, Store};
use abide_store_fjall::{FjallStore, OpenError, Options};

const SHARD: ShardId = ShardId(0);

fn open(path: &Path) -> Result<FjallStore, OpenError> {
    FjallStore::open(path, Options::default())
}

fn key() -> Key {
    Key::new(Family(1), b"a")
}

fn write(store: &FjallStore) {
    let epoch = store.claim(SHARD, "node", 0, 0).unwrap().epoch;
    let mut batch = Batch::at(0);
    batch.put(key(), b"1".to_vec());
    store.commit(&[Commit { shard: SHARD, epoch, batch }]).unwrap();
}

fn holds_what_was_written(store: &FjallStore) -> bool {
    store.load(SHARD, &[key()]).unwrap() == [Some(b"1".to_vec())]
}

/// Every file below a directory with its content, `LOCK` aside.
fn contents(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if !path.ends_with("LOCK") {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_second_writer_is_refused_and_told_where_and_who() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("orders.abide");
    let store = open(&path).unwrap();
    write(&store);
    let refused = open(&path).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "the store in {} is in use by process {}: only one process may have a store open",
            path.display(),
            std::process::id()
        )
    );
    assert!(holds_what_was_written(&store), "the first writer is not disturbed");
    drop(store);
    assert!(holds_what_was_written(&open(&path).unwrap()), "the lock ends with its holder");
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    write(&open(home.path()).unwrap());
    // A newer version may have fields, and files, that this one knows nothing of.
    let newer = "abide store\nformat 6\nshards 1\ncreated 5\nregion north\n";
    fs::write(home.path().join("FORMAT"), newer).unwrap();
    let before = contents(home.path());
    let refused = open(home.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 6, known: 5, .. }), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        format!(
            "the store in {} is of format 6, and this version reads up to 5: \
             use a newer version of Abide (nothing was changed)",
            home.path().display()
        )
    );
    assert!(contents(home.path()) == before, "nothing was changed");
}

/// A store as it was up to format 4, with a journal of the engine's own, in which everything is.
fn older(path: &Path, format: &str) {
    let database = fjall::Database::builder(path.join("tree")).open().unwrap();
    let data = database.keyspace("data", fjall::KeyspaceCreateOptions::default).unwrap();
    data.insert([&[1, 0, 0], key().as_bytes()].concat(), b"1").unwrap();
    database.persist(fjall::PersistMode::SyncAll).unwrap();
    fs::write(path.join("FORMAT"), format).unwrap();
}

#[test]
fn an_older_format_is_migrated() {
    let home = tempfile::tempdir().unwrap();
    // What format 1 looked like: no shards, no time of creation.
    older(home.path(), "abide store\nformat 1\n");
    // Up to format 4 the lengths were those of the engine's journals.
    fs::write(home.path().join("CLOSED"), "abide store closed\n0.jnl 81 0f9c6b27d13a58e4\n")
        .unwrap();
    let store = open(home.path()).unwrap();
    assert!(holds_what_was_written(&store));
    assert_eq!(store.shards(), 1);
    let created = store.created();
    assert!(created > 0);
    let expected = format!("abide store\nformat 5\nshards 1\ncreated {created}\nsum ");
    let text = fs::read_to_string(home.path().join("FORMAT")).unwrap();
    assert!(text.starts_with(&expected), "{text}");
    drop(store);
    let store = open(home.path()).unwrap();
    assert_eq!(store.created(), created, "a store is migrated once");
    assert!(holds_what_was_written(&store));
    write(&store);
    drop(store);
    assert!(holds_what_was_written(&open(home.path()).unwrap()));
}

#[test]
fn the_number_of_shards_is_fixed_at_creation() {
    let home = tempfile::tempdir().unwrap();
    let options = Options { shards: 7, ..Options::default() };
    assert_eq!(FjallStore::open(home.path(), options).unwrap().shards(), 7);
    assert_eq!(open(home.path()).unwrap().shards(), 7);
}

#[test]
fn an_interrupted_creation_starts_anew() {
    for format in ["", "abide store\nformat 2\nshards 1\ncreated 5\n"] {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("FORMAT.new"), format).unwrap();
        // fjall was killed before its version marker: it does not open this by itself.
        fs::create_dir(home.path().join("tree")).unwrap();
        fs::write(home.path().join("tree/0.jnl"), b"").unwrap();
        let store = open(home.path()).unwrap();
        write(&store);
        drop(store);
        assert!(!home.path().join("FORMAT.new").exists());
        assert!(holds_what_was_written(&open(home.path()).unwrap()));
    }
}

#[test]
fn an_interrupted_migration_starts_anew() {
    let home = tempfile::tempdir().unwrap();
    older(home.path(), "abide store\nformat 2\nshards 3\ncreated 5\n");
    fs::write(home.path().join("FORMAT.new"), "abide store\nform").unwrap();
    fs::create_dir(home.path().join("journal")).unwrap();
    fs::write(home.path().join("journal/0.jnl"), "not all of it").unwrap();
    let store = open(home.path()).unwrap();
    assert!(holds_what_was_written(&store));
    assert_eq!((store.shards(), store.created()), (3, 5));
}

#[test]
fn a_directory_with_parts_missing_is_refused_and_left_alone() {
    let cases =
        [("FORMAT", "it has a tree but no FORMAT"), ("tree", "it has a FORMAT but no tree")];
    for (missing, reason) in cases {
        let home = tempfile::tempdir().unwrap();
        write(&open(home.path()).unwrap());
        let path = home.path().join(missing);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        let before = contents(home.path());
        let refused = open(home.path()).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
        assert!(contents(home.path()) == before, "nothing was changed");
    }
}

#[test]
fn a_format_that_makes_no_sense_is_refused() {
    let home = tempfile::tempdir().unwrap();
    write(&open(home.path()).unwrap());
    for text in [
        "",
        "abide store",
        "another store\nformat 2\n",
        "abide store\nformat x\n",
        "abide store\nformat 0\n",
        "abide store\nformat 2\nshards 1\n",
        "abide store\nformat 3\nshards 1\ncreated 5\n",
        "abide store\nformat 3\nshards 1\ncreated 5\nsum 0123456789abcdef\n",
        "abide store\nformat\n",
    ] {
        fs::write(home.path().join("FORMAT"), text).unwrap();
        let refused = open(home.path()).unwrap_err();
        assert!(matches!(refused, OpenError::NotAStore { .. }), "{text:?}: {refused:?}");
    }
}

#[test]
fn a_copy_of_a_closed_store_is_a_backup() {
    let home = tempfile::tempdir().unwrap();
    let (original, copy) = (home.path().join("original"), home.path().join("copy"));
    write(&open(&original).unwrap());
    let status = std::process::Command::new("cp").arg("-a").args([&original, &copy]).status();
    assert!(status.unwrap().success());
    fs::remove_dir_all(&original).unwrap();
    let store = open(&copy).unwrap();
    assert!(holds_what_was_written(&store));
    write(&store);
}

#[test]
fn a_path_that_cannot_be_a_directory_is_named() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("file");
    fs::write(&path, b"").unwrap();
    let refused = open(&path).unwrap_err().to_string();
    let expected = format!("the store in {} cannot be opened: ", path.display());
    assert!(refused.starts_with(&expected), "{refused}");
}

/// What the engine would take for a new store, remove, or panic about.
#[test]
fn damage_to_the_files_of_the_tree_is_refused_by_name() {
    type Damage = fn(&Path);
    let flip: Damage = |path| {
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    // The number of sections in the list at the table's end: the engine makes room for so many.
    let many: Damage = |path| {
        let mut bytes = fs::read(path).unwrap();
        let list = bytes.windows(4).rposition(|name| name == b"TOC!").unwrap();
        bytes[list + 7] ^= 0x80;
        fs::write(path, bytes).unwrap();
    };
    let remove: Damage = |path| fs::remove_file(path).unwrap();
    let foreign: Damage = |path| fs::create_dir(path).unwrap();
    let cases = [
        ("tree/version", flip),
        ("tree/version", remove),
        ("tree/lock", remove),
        ("tree/0.jnl", remove),
        ("tree/x.jnl", foreign),
        ("journal/0.jnl", flip),
        ("journal/0.jnl", remove),
        ("journal/x.jnl", foreign),
        ("journal/notes", foreign),
        ("tree/keyspaces/foreign", foreign),
        ("tree/keyspaces/0/current", flip),
        ("tree/keyspaces/0/current", remove),
        ("tree/keyspaces/0/v2", flip),
        ("tree/keyspaces/0/v2", remove),
        ("tree/keyspaces/0/tables/0", flip),
        ("tree/keyspaces/0/tables/0", many),
        ("tree/keyspaces/0/tables/0", remove),
        ("tree/keyspaces/0/tables/foreign", foreign),
        ("tree/keyspaces/1/current", flip),
        ("tree/keyspaces/1/current", remove),
        ("tree/keyspaces/1/v0", flip),
    ];
    for (name, damage) in cases {
        let home = tempfile::tempdir().unwrap();
        write(&open(home.path()).unwrap());
        let path = home.path().join(name);
        damage(&path);
        let before = contents(home.path());
        let refused = open(home.path()).map(drop).expect_err(name).to_string();
        let named = refused.contains(name) || name.ends_with("0.jnl") && refused.contains("*.jnl");
        // Either of a list and what names it may be at fault: the message has both.
        let parent = Path::new(name).parent().unwrap().to_str().unwrap();
        assert!(named || refused.contains(&format!("{parent}/v")), "{name}: {refused}");
        if !name.ends_with("tables/0") {
            assert!(contents(home.path()) == before, "{name}: nothing was changed");
        }
    }
}
