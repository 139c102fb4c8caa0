//! How a directory becomes a store, one step that a crash may interrupt after the other.

use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

use crate::{
    OpenError, Options,
    format::{Format, sync_directory},
    journal::{self, Journals, Place},
    lock::Lock,
    options::{JOURNAL_BYTES, OPEN_FILES, WORKERS},
};

const TREE: &str = "tree";
const KEYSPACE: &str = "data";

/// An open directory. The order of the fields is the order in which they are closed.
pub(crate) struct Layout {
    pub(crate) data: Keyspace,
    pub(crate) database: Database,
    pub(crate) format: Format,
    _lock: Lock,
}

pub(crate) fn open(directory: &Path, options: Options) -> Result<Layout, OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    create_directory(directory).map_err(io)?;
    let lock = Lock::acquire(directory)?;
    let now = unix_millis();
    let has_tree = directory.join(TREE).try_exists().map_err(io)?;
    let (format, database, data) = match Format::read(directory, now)? {
        Some(format) if has_tree => {
            let (database, data) = recover_tree(directory, options)?;
            (format, database, data)
        }
        Some(_) => return Err(incomplete(directory, "it has a FORMAT but no tree")),
        None if has_tree && !Format::is_pending(directory).map_err(io)? => {
            return Err(incomplete(directory, "it has a tree but no FORMAT"));
        }
        None => create(directory, options, now)?,
    };
    Ok(Layout { data, database, format, _lock: lock })
}

/// Makes the tree between the two halves of writing `FORMAT`. Until the second half is done,
/// nothing in the tree was ever acknowledged, so what an interrupted creation has left (fjall does
/// not always open that) is removed.
fn create(
    directory: &Path,
    options: Options,
    now: i64,
) -> Result<(Format, Database, Keyspace), OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let path = directory.join(TREE);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    let format = Format { shards: options.shards, created: now };
    format.prepare(directory).map_err(io)?;
    let opened = open_tree(&path, options);
    let (database, data) = opened.map_err(|error| tree_error(directory, &error))?;
    Format::publish(directory).map_err(io)?;
    Ok((format, database, data))
}

/// Opens a tree that a crash may have left in the middle of a commit, and refuses what no crash
/// can leave behind.
fn recover_tree(directory: &Path, options: Options) -> Result<(Database, Keyspace), OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let torn = match journal::examine(&directory.join(TREE)).map_err(io)? {
        Journals::Whole(last) => {
            last.map_or(Ok(()), |last| last.harden()).map_err(io)?;
            None
        }
        Journals::Torn(place) => Some(place),
        Journals::Damaged(Place { file, offset }) => {
            return Err(OpenError::Damaged { path: directory.to_owned(), file, offset });
        }
    };
    let path = directory.join(TREE);
    let opened = match (open_tree(&path, options), torn) {
        // Where the engine drops the torn batch by itself, that is left to it.
        (Err(fjall::Error::JournalRecovery(_)), Some(place)) => {
            place.cut().map_err(io)?;
            open_tree(&path, options)
        }
        (opened, _) => opened,
    };
    opened.map_err(|error| tree_error(directory, &error))
}

fn tree_error(directory: &Path, error: &fjall::Error) -> OpenError {
    OpenError::Tree { path: directory.to_owned(), reason: error.to_string() }
}

fn open_tree(path: &Path, options: Options) -> fjall::Result<(Database, Keyspace)> {
    let database = Database::builder(path)
        .cache_size(options.cache_bytes)
        .max_cached_files(Some(OPEN_FILES))
        .max_journaling_size(JOURNAL_BYTES)
        .worker_threads(WORKERS)
        .manual_journal_persist(true)
        .open()?;
    let keyspace = || KeyspaceCreateOptions::default().max_memtable_size(options.memtable_bytes);
    let data = database.keyspace(KEYSPACE, keyspace)?;
    Ok((database, data))
}

/// Creates the directory and makes its name durable.
fn create_directory(directory: &Path) -> io::Result<()> {
    if directory.try_exists()? {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    match directory.parent() {
        Some(parent) if parent != Path::new("") => sync_directory(parent),
        _ => sync_directory(Path::new(".")),
    }
}

fn incomplete(directory: &Path, reason: &str) -> OpenError {
    let reason = format!("{reason}; restore it from a backup, or use another directory");
    OpenError::NotAStore { path: directory.to_owned(), reason }
}

fn unix_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
