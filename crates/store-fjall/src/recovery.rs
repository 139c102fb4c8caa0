//! How a store is opened that a crash may have left in the middle of something, and that no crash can
//! have left as it is.

use std::{io, path::Path};

use fjall::{Database, Keyspace};

use crate::{
    Flaw, OpenError, Options,
    closed::Closed,
    engine::{self, TREE, sync_directories},
    journal::{self, Examined, Journal, Journals, Place, Segment},
    memory::{Memory, Sealed},
    memtable::Memtable,
    place, tree,
};

/// The tables, and what is not in them yet.
pub(crate) struct Contents {
    pub(crate) tables: Keyspace,
    pub(crate) database: Database,
    pub(crate) journal: Journal,
    pub(crate) memory: Memory,
}

/// Opens a store, or refuses it before any of its commits was touched.
pub(crate) fn recover(directory: &Path, options: Options) -> Result<Contents, OpenError> {
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let broken = |flaw| OpenError::broken(directory, flaw);
    let (path, journal) = (directory.join(TREE), directory.join(journal::DIRECTORY));
    tree::verify(&path).map_err(broken)?;
    tree::verify_journals(&path).map_err(broken)?;
    journal::verify(&journal).map_err(broken)?;
    let mut memtables = Vec::new();
    let examined = journal::examine(&journal, |segment, record| {
        memtables.resize_with(segment + 1, Memtable::default);
        memtables[segment].take_in(&record);
    });
    let examined = examined.map_err(io)?;
    memtables.resize_with(examined.segments.len(), Memtable::default);
    let closed = Closed::read(directory).map_err(io)?;
    match (&examined.journals, &closed) {
        (Journals::Damaged(place), _) => return Err(damaged(directory, place)),
        (journals, Some(closed)) => {
            closed.verify(directory, &examined)?;
            if let Journals::Torn(place) = journals {
                return Err(damaged(directory, place));
            }
        }
        _ => {}
    }
    // The engine removes the lists of tables that `current` does not name any more. The name of the
    // one that it has read may be younger than the last sync of its directory, if the process that
    // wrote it has ended in between: then a power cut could bring the old name back without its list.
    sync_directories(&path).map_err(io)?;
    // A segment may be there though the sync of its name has failed.
    sync_directories(&journal).map_err(io)?;
    let (database, tables) = engine::open(&path, options).map_err(|error| {
        // The engine does not say which file it could not read.
        match tree::verify_tables(&path).into_iter().next() {
            Some(flaw) => broken(flaw),
            None => OpenError::tree(directory, error),
        }
    })?;
    let flushed = flushed(&tables).map_err(|reason| OpenError::tree(directory, reason))?;
    let last = follow(&examined.segments, flushed).map_err(broken)?;
    if closed.is_some() {
        Closed::remove(directory).map_err(io)?;
    }
    match &examined.journals {
        Journals::Whole(Some(last)) => last.harden().map_err(io)?,
        Journals::Torn(place) => place.cut().map_err(io)?,
        Journals::Whole(None) | Journals::Damaged(_) => {}
    }
    let memory = rest(&journal, &examined, memtables, flushed).map_err(io)?;
    let active = examined.segments.last().expect("there is one: that was verified");
    let journal = Journal::reopen(&journal, active, last, options.memtable_bytes).map_err(io)?;
    Ok(Contents { tables, database, journal, memory })
}

fn damaged(directory: &Path, Place { file, offset }: &Place) -> OpenError {
    OpenError::Damaged { path: directory.to_owned(), file: file.clone(), offset: *offset }
}

/// The number of the last commit that is in the tables.
fn flushed(tables: &Keyspace) -> Result<u64, String> {
    match tables.get(place::FLUSHED).map_err(|error| error.to_string())? {
        None => Ok(0),
        Some(number) => {
            let number = <[u8; 8]>::try_from(&*number);
            number
                .map(u64::from_be_bytes)
                .map_err(|_| "the number of a commit is unreadable".into())
        }
    }
}

/// The number of the last commit, if those in the journal follow those in the tables. Within the
/// journal they follow each other.
fn follow(segments: &[Segment], flushed: u64) -> Result<u64, Flaw> {
    let mut last = flushed;
    for Segment { file, commits, .. } in segments {
        let Some((first, newest)) = *commits else { continue };
        if newest > flushed && first > last + 1 {
            let reason = "commits before those in it are missing; restore the store from a backup";
            return Err(Flaw::new(file, reason));
        }
        last = last.max(newest);
    }
    Ok(last)
}

/// What the journal holds beyond the tables. A segment of which nothing is left is removed: a crash came
/// between the table and that.
fn rest(
    journal: &Path,
    examined: &Examined,
    memtables: Vec<Memtable>,
    flushed: u64,
) -> io::Result<Memory> {
    let mut memory = Memory::default();
    let active = examined.segments.len() - 1;
    for (place, (segment, memtable)) in examined.segments.iter().zip(memtables).enumerate() {
        let last = segment.commits.map_or(0, |(_, last)| last);
        match (place == active, last > flushed) {
            (true, true) => memory.active = memtable,
            (true, false) => {}
            (false, true) => {
                let sealed = Sealed { segment: segment.number, last, memtable };
                memory.sealed.push_back(sealed.into());
            }
            (false, false) => journal::remove(journal, segment.number)?,
        }
    }
    Ok(memory)
}
