//! The file `CLOSED`: there from the moment a store is closed until it is opened again. It says how
//! far each segment of the journal goes, so that afterwards not even the loss of its end passes for
//! the work of a crash.
//!
//! ```text
//! abide store closed
//! 3.jnl 18273
//! 4.jnl 507
//! ```

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{
    OpenError,
    format::sync_directory,
    journal::{self, Examined, Journals, Segment},
};

const NAME: &str = "CLOSED";
const NEW_NAME: &str = "CLOSED.new";
const TITLE: &str = "abide store closed";

/// How the store was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closed(String);

impl Closed {
    /// `None` when the store was not closed.
    pub(crate) fn read(directory: &Path) -> io::Result<Option<Closed>> {
        match fs::read(directory.join(NAME)) {
            Ok(bytes) => Ok(Some(Closed(String::from_utf8_lossy(&bytes).into_owned()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Says that the store is open from now on.
    pub(crate) fn remove(directory: &Path) -> io::Result<()> {
        fs::remove_file(directory.join(NAME))?;
        sync_directory(directory)
    }

    /// Compares with the journal that is there now.
    pub(crate) fn verify(&self, directory: &Path, examined: &Examined) -> Result<(), OpenError> {
        let broken = |file: PathBuf, reason: &str| {
            Err(OpenError::Broken { path: directory.to_owned(), file, reason: reason.into() })
        };
        let wrong = "it does not look like one that Abide has written; if the journal beside it \
                     is known to be good, remove it";
        let mut lines = self.0.lines();
        if lines.next() != Some(TITLE) || !self.0.ends_with('\n') {
            return broken(directory.join(NAME), wrong);
        }
        let mut left: Vec<&Segment> = examined.segments.iter().collect();
        for line in lines {
            let mut words = line.split(' ');
            let [Some(name), Some(end), None] = [(); 3].map(|()| words.next()) else {
                return broken(directory.join(NAME), wrong);
            };
            let found = left.iter().position(|segment| segment.file.ends_with(name));
            let Some(found) = found else {
                let file = directory.join(journal::DIRECTORY).join(name);
                return broken(file, "it is missing; restore the store from a backup");
            };
            let actual = left.swap_remove(found);
            if end != actual.end.to_string() {
                let reason = format!(
                    "the store was closed with {end} bytes in it, and {} of them are good; restore \
                     it from a backup",
                    actual.end
                );
                return broken(actual.file.clone(), &reason);
            }
        }
        match left.first() {
            Some(segment) => {
                let reason = "it was not there when the store was closed; move it away";
                broken(segment.file.clone(), reason)
            }
            None => Ok(()),
        }
    }
}

/// Says so when a store has been closed: drop it after the engine.
#[derive(Debug)]
pub(crate) struct Closing {
    directory: PathBuf,
    sound: bool,
}

impl Closing {
    pub(crate) fn new(directory: &Path) -> Closing {
        Closing { directory: directory.to_owned(), sound: true }
    }

    /// What is in the journal of a store that has failed is unknown.
    pub(crate) fn failed(&mut self) {
        self.sound = false;
    }

    fn close(&self) -> io::Result<()> {
        let journal = self.directory.join(journal::DIRECTORY);
        // A segment whose removal is not durable might come back, and would be a stranger.
        sync_directory(&journal)?;
        let examined = journal::examine(&journal, |_, _| {})?;
        let Journals::Whole(_) = examined.journals else { return Ok(()) };
        let new = self.directory.join(NEW_NAME);
        let mut file = File::create(&new)?;
        let mut text = format!("{TITLE}\n");
        for Segment { file, end, .. } in &examined.segments {
            let name = file.file_name().unwrap_or_default().display();
            text += &format!("{name} {end}\n");
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, self.directory.join(NAME))?;
        sync_directory(&self.directory)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.sound {
            // Without the file the store opens as after a crash, with nothing lost.
            let _ = self.close();
        }
    }
}
