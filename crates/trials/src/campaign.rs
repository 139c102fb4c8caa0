use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How often it is said how far a campaign has come.
const PROGRESS: Duration = Duration::from_secs(5);

/// The same check with many seeds.
pub struct Campaign {
    /// Which seeds.
    pub seeds: Range<u64>,
    /// When to end, even if not all seeds have been run.
    pub budget: Option<Duration>,
    /// How many threads run seeds at a time.
    pub threads: usize,
}

/// What a campaign came to.
pub struct Report {
    /// How many seeds were run.
    pub seeds: u64,
    /// How long they took.
    pub took: Duration,
    /// The lowest of the seeds that have broken something, and what.
    pub failure: Option<(u64, String)>,
}

impl Campaign {
    /// Runs the seeds until one breaks something, all are run or the time is over. Says on stderr
    /// how it goes.
    pub fn run(&self, check: impl Fn(u64) -> Result<(), String> + Sync) -> Report {
        let (next, done) = (AtomicU64::new(self.seeds.start), AtomicU64::new(0));
        let over = AtomicBool::new(false);
        let failure: Mutex<Option<(u64, String)>> = Mutex::default();
        let began = Instant::now();
        let last = Mutex::new(began);
        let work = || {
            while !over.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.seeds.end {
                    break;
                }
                if let Err(why) = check(seed) {
                    over.store(true, Ordering::Relaxed);
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    if failure.as_ref().is_none_or(|(other, _)| seed < *other) {
                        *failure = Some((seed, why));
                    }
                }
                let run = done.fetch_add(1, Ordering::Relaxed) + 1;
                if self.budget.is_some_and(|budget| began.elapsed() >= budget) {
                    over.store(true, Ordering::Relaxed);
                }
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= PROGRESS {
                    *last = Instant::now();
                    eprintln!("{run} seeds, {:.0} s", began.elapsed().as_secs_f64());
                }
            }
        };
        thread::scope(|scope| (0..self.threads.max(1)).for_each(|_| drop(scope.spawn(work))));
        Report {
            seeds: done.into_inner(),
            took: began.elapsed(),
            failure: failure.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }
}
