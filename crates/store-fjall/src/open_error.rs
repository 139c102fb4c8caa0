use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::Flaw;

/// Why a store could not be opened. Nothing was changed, except where an I/O error came in
/// between.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "the store in {} is in use by {}: only one process may have a store open",
        .path.display(),
        .process.map_or("another process".to_owned(), |id| format!("process {id}"))
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The process, if it has said so.
        process: Option<u32>,
    },
    /// A newer version wrote it.
    #[error(
        "the store in {} is of format {found}, and this version reads up to {known}: \
         use a newer version of Abide (nothing was changed)",
        .path.display()
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// The directory holds something else, or a store with parts missing.
    #[error("{} is not a complete store: {reason}", .path.display())]
    NotAStore {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    #[error("the store in {} cannot be opened: {source}", .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The disk has damaged a journal: a batch in it is bad although it was whole once.
    #[error(
        "the store in {} is damaged: {} is unreadable at byte {offset}, where an acknowledged \
         commit was; restore it from a backup (nothing was changed)",
        .path.display(),
        .file.display()
    )]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// The journal.
        file: PathBuf,
        /// Where the bad batch begins.
        offset: u64,
    },
    /// A file is missing, damaged, or does not belong there.
    #[error(
        "the store in {} is damaged: {}: {reason} (nothing was changed)",
        .path.display(),
        .file.display()
    )]
    Broken {
        /// The directory.
        path: PathBuf,
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The files of the tree cannot be read.
    #[error("the store in {} cannot be opened: {reason}", .path.display())]
    Tree {
        /// The directory.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn broken(directory: &Path, Flaw { file, reason }: Flaw) -> OpenError {
        OpenError::Broken { path: directory.to_owned(), file, reason }
    }

    pub(crate) fn tree(directory: &Path, reason: impl fmt::Display) -> OpenError {
        OpenError::Tree { path: directory.to_owned(), reason: reason.to_string() }
    }

    /// The same, said of another directory: that of which the one opened is a copy.
    pub(crate) fn at(mut self, directory: &Path) -> OpenError {
        match &mut self {
            OpenError::InUse { path, .. }
            | OpenError::Newer { path, .. }
            | OpenError::NotAStore { path, .. }
            | OpenError::Io { path, .. }
            | OpenError::Damaged { path, .. }
            | OpenError::Broken { path, .. }
            | OpenError::Tree { path, .. } => *path = directory.to_owned(),
        }
        self
    }
}
