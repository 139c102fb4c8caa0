//! `abide-trials power`.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use abide_trials::{
    panics,
    power::{Campaign, Report, Size, child},
};
use clap::Args;

use super::{Fault, scratch};

/// Cut the power of the embedded store
///
/// A process commits to a store in small and large steps, clears shards, closes and opens the
/// store, with memtables and journals so small that they are flushed, compacted and exchanged all
/// the time. A preloaded library records its calls, and lets some of them fail. After every call a
/// crash image is built: what was synced is there; of each sector, length and name that was not,
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

/// Twice as many as there are processors: closing a store waits for its threads.
pub(super) fn threads() -> NonZero<usize> {
    let processors = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    processors.saturating_mul(const { NonZero::new(2).unwrap() })
}

/// What both recordings of a script have at least one of after every call.
const AGAIN: u64 = 2_000;

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let place = tempfile::Builder::new().prefix("abide-power-").tempdir_in(&self.scratch)?;
        // A script gives two recordings: before a power cut and after.
        let per_recording =
            self.recordings.map(|recordings| self.images.div_ceil(recordings.get() * 2));
        let size = Size {
            images: self.images,
            per_recording,
            limit: self.minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            threads: self.threads,
        };
        // What panics is caught and told once.
        panics::keep();
        let begun = Instant::now();
        let campaign = Campaign::new(self.seed, size, place.path());
        match campaign
            .run(|report| eprintln!("{:>5} s  {}", begun.elapsed().as_secs(), say(report)))
        {
            Ok(report) => {
                println!("power cuts survived: {}", say(&report));
                println!("in {} s, from seed {}", begun.elapsed().as_secs(), self.seed);
                Ok(())
            }
            Err(failure) => {
                let kept = place.keep();
                let seed = failure.seed;
                Err(format!(
                    "{failure}\nall files are kept in {}; to run the script again:\n  \
                     abide-trials power --seed {seed} --threads 1 --images {AGAIN}",
                    kept.display()
                )
                .into())
            }
        }
    }
}

fn say(report: &Report) -> String {
    let Report { recordings, recoveries, calls, acknowledged, journals, tables, failed, images } =
        report;
    format!(
        "{images} images of {calls} calls by {recordings} processes ({recoveries} of them began \
         with such an image); {acknowledged} operations acknowledged, {journals} journals, \
         {tables} tables, {failed} calls failed"
    )
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
