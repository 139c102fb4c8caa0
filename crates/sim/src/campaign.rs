use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use abide_machine::testing::Tally;
use abide_protocol::Millis;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    run::{Failure, Run, run},
    setting::Setting,
    world::Counts,
};

/// How often it is said how far a campaign has come.
const PROGRESS: Duration = Duration::from_secs(5);

/// One seed in so many is run twice, to see that it decides everything.
const TWICE: u64 = 64;

/// Two runs of a seed are the same.
pub(crate) const SAME: &str = "a seed decides everything";

/// Many runs.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Which seeds.
    pub seeds: Range<u64>,
    /// When to end, even if not all seeds have been run.
    pub budget: Option<Duration>,
    /// How many threads run seeds at a time.
    pub threads: usize,
    /// What every run is to be like.
    pub setting: Setting,
}

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many seeds were run, from the first on.
    pub seeds: u64,
    /// Of all their hashes.
    pub hash: u64,
    /// How much has happened in all of them.
    pub counts: Counts,
    /// How long they took, in the time of the simulations.
    pub simulated: Millis,
    /// How long they took.
    pub took: Duration,
    /// How often each property could have failed.
    pub tally: Tally,
    /// The failure of the lowest seed, of those that were found.
    pub failure: Option<Failure>,
}

impl Campaign {
    /// Runs the seeds until one fails, all are run or the time is over. `progress` is told from
    /// time to time how it goes.
    pub fn run(&self, progress: impl Fn(&Report) + Sync) -> Report {
        let next = AtomicU64::new(self.seeds.start);
        let over = AtomicBool::new(false);
        let report = Mutex::new(Report::default());
        let began = Instant::now();
        let last = Mutex::new(began);
        let work = || {
            while !over.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.seeds.end {
                    break;
                }
                let outcome = self.one(seed);
                let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                report.took = began.elapsed();
                match outcome {
                    Ok(run) => report.add(&run),
                    Err(failure) => {
                        over.store(true, Ordering::Relaxed);
                        if report.failure.as_ref().is_none_or(|other| seed < other.seed) {
                            report.failure = Some(failure);
                        }
                    }
                }
                if self.budget.is_some_and(|budget| report.took >= budget) {
                    over.store(true, Ordering::Relaxed);
                }
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= PROGRESS {
                    *last = Instant::now();
                    progress(&report);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(work);
            }
        });
        let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.took = began.elapsed();
        report
    }

    #[allow(clippy::result_large_err, reason = "a failure ends a campaign")]
    fn one(&self, seed: u64) -> Result<Run, Failure> {
        let once = run(seed, &self.setting)?;
        if seed.is_multiple_of(TWICE) {
            let again = run(seed, &self.setting)?;
            if (once.hash, once.counts) != (again.hash, again.counts) {
                let why = format!("{:016x} and then {:016x}", once.hash, again.hash);
                let (at, hash, story) = (once.simulated, once.hash, Vec::new());
                return Err(Failure { seed, checker: SAME, why, at, hash, story });
            }
        }
        Ok(once)
    }
}

impl Report {
    fn add(&mut self, run: &Run) {
        self.seeds += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&run.seed.to_le_bytes());
        bytes[8..].copy_from_slice(&run.hash.to_le_bytes());
        // The threads come to their seeds in any order, so the order must not matter.
        self.hash = self.hash.wrapping_add(xxh3_64(&bytes));
        self.counts.add(&run.counts);
        self.simulated += run.simulated;
        self.tally.merge(&run.tally);
    }
}
