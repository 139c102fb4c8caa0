use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Something that is wrong with a file of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

pub(crate) const MISSING: &str = "it is missing; restore the store from a backup";
pub(crate) const FOREIGN: &str = "it does not belong there; move it away";

impl Flaw {
    pub(crate) fn missing(file: &Path) -> Flaw {
        Flaw::new(file, MISSING)
    }

    pub(crate) fn foreign(file: &Path) -> Flaw {
        Flaw::new(file, FOREIGN)
    }

    pub(crate) fn new(file: &Path, reason: impl fmt::Display) -> Flaw {
        Flaw { file: file.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.reason)
    }
}
