//! A look at a store that changes nothing in it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    path::Path,
};

use crate::{
    FjallStore, Flaw, OpenError, Options,
    closed::Closed,
    engine::TREE,
    format::{CURRENT, Format, OWN_JOURNAL},
    journal::{self, Journals, Place},
    lock, tree,
};

/// What was found in the files of a store, and a copy of it to read the records from.
#[derive(Debug)]
pub struct Inspection {
    /// What is wrong: the store does not open, or not with all that was acknowledged.
    pub flaws: Vec<Flaw>,
    /// What opening the store will change without losing anything.
    pub remarks: Vec<Flaw>,
    /// A copy that can be read, if nothing is wrong with the files. What is done to it is not done
    /// to the store.
    pub copy: Option<FjallStore>,
    _lock: Option<File>,
}

impl Inspection {
    /// Looks at all files of the store in a directory, and makes a copy of it in another, empty one.
    /// Nobody can open the store meanwhile. On the same file system the copy takes the room of the
    /// journal only, since tables are never changed and need no copy of their own.
    ///
    /// # Errors
    /// When the store is open, is none, is of a newer format, or cannot be read.
    pub fn of(directory: &Path, scratch: &Path) -> Result<Inspection, OpenError> {
        let path = directory.to_owned();
        let io = |source| OpenError::Io { path: path.clone(), source };
        let missing =
            |reason: &str| Err(OpenError::NotAStore { path: path.clone(), reason: reason.into() });
        if !directory.join(lock::NAME).exists() && !directory.join("FORMAT").exists() {
            return missing("it has neither FORMAT nor LOCK");
        }
        let lock = lock(directory)?;
        let tree = directory.join(TREE);
        let mut inspection =
            Inspection { flaws: Vec::new(), remarks: Vec::new(), copy: None, _lock: lock };
        inspection.flaws.extend(tree::verify(&tree).err());
        if tree.is_dir() {
            inspection.flaws.extend(tree::verify_tables(&tree));
        }
        let format = Format::read(directory, 0);
        if matches!(format, Ok(Some((_, found))) if (OWN_JOURNAL..=CURRENT).contains(&found)) {
            let journal = directory.join(journal::DIRECTORY);
            inspection.flaws.extend(tree::verify_journals(&tree).err());
            match journal::verify(&journal) {
                Ok(()) => inspection.journal(directory, &journal).map_err(io)?,
                Err(flaw) => inspection.flaws.push(flaw),
            }
        }
        inspection.flaws.dedup();
        if inspection.flaws.is_empty() {
            copy(directory, scratch).map_err(io)?;
            // The names in an error would be those of the copy.
            match FjallStore::open(scratch, Options::default()) {
                Ok(store) => inspection.copy = Some(store),
                Err(error @ OpenError::Newer { .. }) => return Err(error.at(directory)),
                Err(OpenError::NotAStore { reason, .. }) => {
                    inspection.flaws.push(Flaw::new(directory, reason));
                }
                Err(error) => inspection.flaws.push(Flaw::new(directory, error.at(directory))),
            }
        }
        Ok(inspection)
    }

    fn journal(&mut self, directory: &Path, journal: &Path) -> io::Result<()> {
        let examined = journal::examine(journal, |_, _| {})?;
        if let Some(closed) = Closed::read(directory)?
            && let Err(OpenError::Broken { file, reason, .. }) = closed.verify(directory, &examined)
        {
            self.flaws.push(Flaw { file, reason });
            return Ok(());
        }
        match examined.journals {
            Journals::Damaged(Place { file, offset }) => self.flaws.push(Flaw::new(
                &file,
                format!(
                    "it is unreadable at byte {offset}, where an acknowledged commit was; restore \
                     the store from a backup"
                ),
            )),
            Journals::Torn(Place { file, offset }) => self.remarks.push(Flaw::new(
                &file,
                format!(
                    "a commit was cut short at byte {offset} by a crash; nobody was told of it, \
                     and the next start removes it"
                ),
            )),
            Journals::Whole(_) => {}
        }
        Ok(())
    }
}

/// Keeps others out, without a trace in the file. A backup may be without it.
fn lock(directory: &Path) -> Result<Option<File>, OpenError> {
    let path = directory.join(lock::NAME);
    let io = |source| OpenError::Io { path: directory.to_owned(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            let process = fs::read_to_string(&path).ok().and_then(|id| id.trim().parse().ok());
            Err(OpenError::InUse { path: directory.to_owned(), process })
        }
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Copies what may be written to, and links the tables.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&path, &target)?;
        } else if entry.file_name() != lock::NAME {
            let is_table = from.ends_with("tables");
            if !is_table || fs::hard_link(&path, &target).is_err() {
                fs::copy(&path, &target)?;
            }
        }
    }
    Ok(())
}
