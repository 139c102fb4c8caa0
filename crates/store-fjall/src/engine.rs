use std::{fs, io, panic::catch_unwind, path::Path};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

use crate::{
    Options,
    format::sync_directory,
    options::{OPEN_FILES, WORKERS},
};

/// The directory of the tables.
pub(crate) const TREE: &str = "tree";
const KEYSPACE: &str = "data";

/// Opens or creates the tables. A panic of the engine is an error like others.
pub(crate) fn open(path: &Path, options: Options) -> Result<(Database, Keyspace), String> {
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
        .worker_threads(WORKERS)
        .manual_journal_persist(true)
        .open()?;
    let tables = database.keyspace(KEYSPACE, KeyspaceCreateOptions::default)?;
    Ok((database, tables))
}

/// Makes the names in a directory and in all below it durable. The engine syncs the directories that
/// it creates, but not always the one in which it creates them: a power cut could take a whole tree.
pub(crate) fn sync_directories(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_directories(&entry.path())?;
        }
    }
    sync_directory(directory)
}
