//! `abide-trials damage`.

use std::{num::NonZero, path::PathBuf};

use abide_trials::damage::Campaign;
use clap::Args;

use super::{
    Fault,
    images::{Images, threads},
    scratch,
};

/// Damage the files of the embedded store
///
/// Stores are filled with the records of random histories of the protocol. Then, in each image, one
/// file is damaged: a bit or a byte changes, a sector is zeros or garbage, the file is cut or goes
/// on with garbage, it is removed, or a foreign file or directory appears. The store is opened and
/// everything is read: either that is an error which names the file (or `abide check` names it), or
/// all answers are right, the store takes commits, and a second opening gives the same.
#[derive(Args)]
#[command(after_help = "\
Examples:
  abide-trials damage --images 3000               # a slice, half a minute
  abide-trials damage --images 100000             # a campaign
  abide-trials damage --seed 17 --images 500      # the images of one store")]
pub(crate) struct Arguments {
    /// How many images
    #[arg(long, default_value_t = 3_000)]
    images: u64,
    /// The seed of the first store; the others follow it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads open images
    #[arg(long, default_value_t = threads())]
    threads: NonZero<usize>,
    /// Where images are built; in memory, if the system has a place for that
    #[arg(long, default_value_os_t = scratch())]
    scratch: PathBuf,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let images = Images {
            command: "damage",
            seed: self.seed,
            passed: "damage told or harmless",
            again: "to see it again",
        };
        images.run(&self.scratch, |place, progress| {
            Campaign::new(self.seed, self.images, self.threads, place).run(progress)
        })
    }
}
