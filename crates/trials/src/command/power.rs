//! `abide-trials power`.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    time::Duration,
};

use abide_trials::power::{Campaign, Size, child};
use clap::Args;

use super::{
    Fault,
    images::{Images, threads},
    scratch,
};

/// Cut the power of the embedded store
///
/// A process commits to a store in small and large steps, clears shards, closes and opens the
/// store, with memtables so small that they are sealed, flushed and compacted all the time. A
/// preloaded library records its calls, and lets some of them fail. After every call a crash image
/// is built: what was synced is there; of each sector, length and name that was not,
/// any state since the last sync. The image is opened: nothing acknowledged may be lost, nothing
/// half done, commits have to go on, and a second opening has to find the same. Then a process
/// recovers from such an image and is recorded in turn.
#[derive(Args)]
#[command(after_help = "\
Examples:
  abide-trials power --images 3000 --recordings 15   # a slice, under a minute
  abide-trials power --images 100000                 # a campaign
  abide-trials power --minutes 60 --images 100000000
  abide-trials power --seed 17 --images 1000         # from seed 17 on

What the threads of a process do at the same time is not decided by the seed, so a failing image is
kept, and its place printed: `abide check` says what is in it.")]
pub(crate) struct Arguments {
    /// How many crash images
    #[arg(long, default_value_t = 3_000)]
    images: u64,
    /// The seed of the first script; the others follow it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many scripts share the images, after calls that chance picks; if not given, there is one
    /// image after every call of a script
    #[arg(long)]
    recordings: Option<NonZero<u64>>,
    /// Stop after so many minutes
    #[arg(long)]
    minutes: Option<u64>,
    /// How many threads open images
    #[arg(long, default_value_t = threads())]
    threads: NonZero<usize>,
    /// Where images are built; in memory, if the system has a place for that
    #[arg(long, default_value_os_t = scratch())]
    scratch: PathBuf,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Fault> {
        // A script gives two recordings: before a power cut and after.
        let per_recording =
            self.recordings.map(|recordings| self.images.div_ceil(recordings.get() * 2));
        let size = Size {
            images: self.images,
            per_recording,
            limit: self.minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            threads: self.threads,
        };
        let images = Images {
            command: "power",
            seed: self.seed,
            passed: "power cuts survived",
            again: "to run the script again",
        };
        images.run(&self.scratch, |place, progress| {
            Campaign::new(self.seed, size, place).run(progress)
        })
    }
}

/// The process under trial: started by `power`, never by people.
#[derive(Args)]
#[command(hide = true)]
pub(crate) struct Child {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    seed: u64,
    #[arg(long)]
    length: usize,
    #[arg(long, allow_hyphen_values = true)]
    history: String,
}

impl Child {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let data: &Path = &self.data;
        Ok(child::run(data, self.seed, self.length, &self.history)?)
    }
}
