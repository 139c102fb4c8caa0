//! How a directory becomes a store, one step that a crash may interrupt after the other.

use std::{
    fs, io,
    panic::catch_unwind,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

use crate::{
    Flaw, OpenError, Options,
    closed::{Closed, Closing},
    format::{Format, sync_directory},
    journal::{self, Journals, Place},
    lock::Lock,
    options::{JOURNAL_BYTES, OPEN_FILES, WORKERS},
    tree,
};

pub(crate) const TREE: &str = "tree";
const KEYSPACE: &str = "data";

/// An open directory. The order of the fields is the order in which they are closed.
pub(crate) struct Layout {
    pub(crate) data: Keyspace,
    pub(crate) database: Database,
    pub(crate) format: Format,
    pub(crate) closing: Closing,
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
    Ok(Layout { data, database, format, closing: Closing::new(directory), _lock: lock })
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
    let (database, data) = opened.map_err(|error| tree_error(directory, error))?;
    sync_directories(&path).and_then(|()| sync_directory(directory)).map_err(io)?;
    Format::publish(directory).map_err(io)?;
    Ok((format, database, data))
}

/// Opens a tree that a crash may have left in the middle of a commit, and refuses what no crash
/// can leave behind.
fn recover_tree(directory: &Path, options: Options) -> Result<(Database, Keyspace), OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let path = directory.join(TREE);
    tree::verify(&path).map_err(|flaw| broken(directory, flaw))?;
    let examined = journal::examine(&path).map_err(io)?;
    if let Journals::Damaged(Place { file, offset }) = examined.journals {
        return Err(OpenError::Damaged { path: directory.to_owned(), file, offset });
    }
    if let Some(closed) = Closed::read(directory).map_err(io)? {
        closed.verify(directory, &examined)?;
        if let Journals::Torn(Place { file, offset }) = examined.journals {
            return Err(OpenError::Damaged { path: directory.to_owned(), file, offset });
        }
        Closed::remove(directory).map_err(io)?;
    }
    match examined.journals {
        Journals::Whole(Some(last)) => last.harden().map_err(io)?,
        // The engine is never shown a torn batch: it drops most of them, refuses some, and panics
        // in debug builds where a length is wrong.
        Journals::Torn(place) => place.cut().map_err(io)?,
        Journals::Whole(None) | Journals::Damaged(_) => {}
    }
    // The engine removes the lists of tables that `current` does not name any more. The name of the
    // one that it has read may be younger than the last sync of its directory, if the process that
    // wrote it has ended in between: then a power cut could bring the old name back without its list.
    sync_directories(&path).map_err(io)?;
    open_tree(&path, options).map_err(|error| {
        // The engine does not say which file it could not read.
        match tree::verify_tables(&path).into_iter().next() {
            Some(flaw) => broken(directory, flaw),
            None => tree_error(directory, error),
        }
    })
}

fn broken(directory: &Path, Flaw { file, reason }: Flaw) -> OpenError {
    OpenError::Broken { path: directory.to_owned(), file, reason }
}

fn tree_error(directory: &Path, reason: String) -> OpenError {
    OpenError::Tree { path: directory.to_owned(), reason }
}

/// Opens or creates the tree. A panic of the engine is an error like others.
fn open_tree(path: &Path, options: Options) -> Result<(Database, Keyspace), String> {
    match catch_unwind(|| open_engine(path, options)) {
        Ok(opened) => opened.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason");
            Err(format!("the engine panicked: {text}"))
        }
    }
}

fn open_engine(path: &Path, options: Options) -> fjall::Result<(Database, Keyspace)> {
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

/// Makes the names in a directory and in all below it durable. The engine syncs the directories that
/// it creates, but not always the one in which it creates them: a power cut could take a whole tree.
fn sync_directories(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_directories(&entry.path())?;
        }
    }
    sync_directory(directory)
}

fn incomplete(directory: &Path, reason: &str) -> OpenError {
    let reason = format!("{reason}; restore it from a backup, or use another directory");
    OpenError::NotAStore { path: directory.to_owned(), reason }
}

fn unix_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
