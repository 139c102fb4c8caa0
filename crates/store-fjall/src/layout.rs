//! How a directory becomes a store, one step that a crash may interrupt after the other.

use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    OpenError, Options,
    closed::{Closed, Closing},
    engine::{self, TREE, sync_directories},
    format::{CURRENT, Format, OWN_JOURNAL, sync_directory},
    journal::{DIRECTORY as JOURNAL, Journal},
    lock::Lock,
    memory::Memory,
    recovery::{Contents, recover},
    tree,
};

/// What is in a directory. The order of the fields is the order in which they are closed.
pub(crate) struct Layout {
    pub(crate) contents: Contents,
    pub(crate) format: Format,
    pub(crate) closing: Closing,
    pub(crate) lock: Lock,
}

pub(crate) fn open(directory: &Path, options: Options) -> Result<Layout, OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    create_directory(directory).map_err(io)?;
    let lock = Lock::acquire(directory)?;
    let now = unix_millis();
    let has_tree = directory.join(TREE).try_exists().map_err(io)?;
    let (format, contents) = match Format::read(directory, now)? {
        Some((format, found)) if has_tree => {
            if found < OWN_JOURNAL {
                migrate(directory, options)?;
            }
            if found < CURRENT {
                format.prepare(directory).and_then(|()| Format::publish(directory)).map_err(io)?;
            }
            (format, recover(directory, options)?)
        }
        Some(_) => return Err(incomplete(directory, "it has a FORMAT but no tree")),
        None if has_tree && !Format::is_pending(directory).map_err(io)? => {
            return Err(incomplete(directory, "it has a tree but no FORMAT"));
        }
        None => create(directory, options, now)?,
    };
    Ok(Layout { contents, format, closing: Closing::new(directory), lock })
}

/// Makes the tree between the two halves of writing `FORMAT`. Until the second half is done,
/// nothing in the tree was ever acknowledged, so what an interrupted creation has left (fjall does
/// not always open that) is removed.
fn create(directory: &Path, options: Options, now: i64) -> Result<(Format, Contents), OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let path = directory.join(TREE);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    let format = Format { shards: options.shards, created: now };
    format.prepare(directory).map_err(io)?;
    let opened = engine::open(&path, options);
    let (database, tables) = opened.map_err(|error| OpenError::tree(directory, error))?;
    sync_directories(&path).map_err(io)?;
    let journal = begin_journal(directory, options).map_err(io)?;
    Format::publish(directory).map_err(io)?;
    Ok((format, Contents { tables, database, journal, memory: Memory::default() }))
}

/// Makes an empty journal. What an interrupted creation or migration has left of one is removed:
/// nothing in it was ever acknowledged.
fn begin_journal(directory: &Path, options: Options) -> io::Result<Journal> {
    let path = directory.join(JOURNAL);
    match fs::remove_dir_all(&path) {
        // Before another directory has its name.
        Ok(()) => sync_directory(directory)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let journal = Journal::create(&path, options.memtable_bytes)?;
    sync_directory(directory)?;
    Ok(journal)
}

/// Has the engine put into tables what is in its own journals, and makes these empty. Once the engine
/// has to look at them by itself: it ends at the first batch that it cannot read.
fn migrate(directory: &Path, options: Options) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let path = directory.join(TREE);
    tree::verify(&path).map_err(|flaw| OpenError::broken(directory, flaw))?;
    sync_directories(&path).map_err(io)?;
    let opened = engine::open(&path, options);
    let (database, tables) = opened.map_err(|error| OpenError::tree(directory, error))?;
    let flushed = tables.rotate_memtable_and_wait();
    flushed.map_err(|error| OpenError::tree(directory, error))?;
    drop((tables, database));
    for journal in tree::journals(&path).map_err(|flaw| OpenError::broken(directory, flaw))? {
        let file = fs::OpenOptions::new().write(true).open(journal).map_err(io)?;
        file.set_len(0).and_then(|()| file.sync_all()).map_err(io)?;
    }
    begin_journal(directory, options).map_err(io)?;
    if Closed::read(directory).map_err(io)?.is_some() {
        Closed::remove(directory).map_err(io)?;
    }
    Ok(())
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
