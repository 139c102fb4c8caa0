use std::path::PathBuf;

use tempfile::TempDir;

/// What a trial is given.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The server's binary.
    pub binary: PathBuf,
    /// Where the data are put; the system's directory for temporary files unless said otherwise.
    pub scratch: Option<PathBuf>,
    /// Decides what is done and when.
    pub seed: u64,
    /// Whether to say now and then how far it is.
    pub verbose: bool,
}

impl Trial {
    /// A trial of this binary.
    pub fn new(binary: impl Into<PathBuf>, seed: u64) -> Self {
        Trial { binary: binary.into(), scratch: None, seed, verbose: false }
    }

    pub(crate) fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }

    /// A new directory; removed in the end.
    pub(crate) fn directory(&self) -> TempDir {
        let directory = match &self.scratch {
            Some(path) => tempfile::tempdir_in(path),
            None => tempfile::tempdir(),
        };
        directory.expect("a directory can be made")
    }

    pub(crate) fn progress(&self, what: &str) {
        if self.verbose {
            eprintln!("  {what}");
        }
    }
}
