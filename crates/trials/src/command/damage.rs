//! `abide-trials damage`.

use std::{num::NonZero, path::PathBuf, time::Instant};

use abide_trials::{
    damage::{Campaign, Report},
    panics,
};
use clap::Args;

use super::{Fault, power::threads, scratch};

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
        let place = tempfile::Builder::new().prefix("abide-damage-").tempdir_in(&self.scratch)?;
        // What panics is caught and told once.
        panics::keep();
        let begun = Instant::now();
        let campaign = Campaign::new(self.seed, self.images, self.threads, place.path());
        match campaign
            .run(|report| eprintln!("{:>5} s  {}", begun.elapsed().as_secs(), say(report)))
        {
            Ok(report) => {
                println!("damage told or harmless: {}", say(&report));
                println!("in {} s, from seed {}", begun.elapsed().as_secs(), self.seed);
                Ok(())
            }
            Err(failure) => {
                let kept = place.keep();
                let seed = failure.seed;
                Err(format!(
                    "{failure}\nall files are kept in {}; to see it again:\n  \
                     abide-trials damage --seed {seed} --threads 1 --images {}",
                    kept.display(),
                    failure.image + 1
                )
                .into())
            }
        }
    }
}

fn say(Report { images, refused, noticed, harmless }: &Report) -> String {
    format!(
        "{images} images: {refused} refused at the opening, {noticed} noticed by reading or \
         writing, {harmless} harmless"
    )
}
