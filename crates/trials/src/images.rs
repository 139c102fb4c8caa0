//! What the campaigns that open images of a store have in common.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// An image that does not hold what it has to.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed that decides what is stored.
    pub seed: u64,
    /// Which image of it, and what was done to it.
    pub image: String,
    /// What is wrong.
    pub reason: String,
    /// Where the image is kept, if it is.
    pub kept: Option<PathBuf>,
    /// How many images of this seed have it among them.
    pub images: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, image, reason, kept, .. } = self;
        write!(f, "seed {seed}, {image}: {reason}")?;
        match kept {
            Some(kept) => write!(f, "\nthe image is kept in {}", kept.display()),
            None => Ok(()),
        }
    }
}

/// Makes an empty directory.
pub(crate) fn fresh(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(directory)
}
