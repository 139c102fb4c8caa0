//! What `abide-trials power` and `abide-trials damage` have in common.

use std::{fmt::Display, num::NonZero, path::Path, thread, time::Instant};

use abide_trials::{images::Failure, panics};

use super::Fault;

/// Twice as many as there are processors: closing a store waits for its threads.
pub(super) fn threads() -> NonZero<usize> {
    let processors = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    processors.saturating_mul(const { NonZero::new(2).unwrap() })
}

/// A campaign that opens images.
pub(super) struct Images {
    /// The name of the command.
    pub(super) command: &'static str,
    /// The first seed.
    pub(super) seed: u64,
    /// What is said of images that hold what they have to.
    pub(super) passed: &'static str,
    /// What the command is for that is given after a failure.
    pub(super) again: &'static str,
}

impl Images {
    /// Runs it in a directory of its own below `scratch`, prints how it goes and what came of it,
    /// and fails if an image did.
    pub(super) fn run<R: Display>(
        self,
        scratch: &Path,
        campaign: impl FnOnce(&Path, &dyn Fn(&R)) -> Result<R, Failure>,
    ) -> Result<(), Fault> {
        let Images { command, seed, passed, again } = self;
        let prefix = format!("abide-{command}-");
        let place = tempfile::Builder::new().prefix(&prefix).tempdir_in(scratch)?;
        // What panics is caught and told once.
        panics::keep();
        let begun = Instant::now();
        let progress = |report: &R| eprintln!("{:>5} s  {report}", begun.elapsed().as_secs());
        match campaign(place.path(), &progress) {
            Ok(report) => {
                println!("{passed}: {report}");
                println!("in {} s, from seed {seed}", begun.elapsed().as_secs());
                Ok(())
            }
            Err(failure) => {
                let kept = place.keep();
                Err(format!(
                    "{failure}\nall files are kept in {}; {again}:\n  \
                     abide-trials {command} --seed {} --threads 1 --images {}",
                    kept.display(),
                    failure.seed,
                    failure.images
                )
                .into())
            }
        }
    }
}
