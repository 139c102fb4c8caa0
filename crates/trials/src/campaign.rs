use std::{
    convert::Infallible,
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::{self, RecvTimeoutError::Timeout},
    },
    thread,
    time::{Duration, Instant},
};

/// How often it is said how far a campaign has come.
const PROGRESS: Duration = Duration::from_secs(5);

/// The same trial with many seeds, on several threads; `F` is how one fails.
#[derive(Debug)]
pub struct Campaign<F> {
    seeds: Range<u64>,
    limit: Option<Duration>,
    threads: usize,
    began: Instant,
    next: AtomicU64,
    done: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<(u64, F)>>,
}

impl<F: Send> Campaign<F> {
    /// A campaign that begins now, and ends after this time even if not all seeds have been run.
    pub fn new(seeds: Range<u64>, limit: Option<Duration>, threads: usize) -> Campaign<F> {
        Campaign {
            next: AtomicU64::new(seeds.start),
            seeds,
            limit,
            threads: threads.max(1),
            began: Instant::now(),
            done: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            failure: Mutex::default(),
        }
    }

    /// Runs a trial for each seed until one fails or the campaign [is over](Self::is_over). A trial
    /// gets the number of its thread and its seed; `progress` is called from time to time.
    ///
    /// # Errors
    /// The lowest of the seeds that have failed, and how.
    pub fn run(
        &self,
        trial: impl Fn(usize, u64) -> Result<(), F> + Sync,
        progress: impl Fn(),
    ) -> Result<(), (u64, F)> {
        // Nothing is sent: the last thread that ends hangs up.
        let (working, ended) = mpsc::channel::<Infallible>();
        let trial = &trial;
        thread::scope(|scope| {
            for thread in 0..self.threads {
                let working = working.clone();
                scope.spawn(move || {
                    self.work(|seed| trial(thread, seed));
                    drop(working);
                });
            }
            drop(working);
            while ended.recv_timeout(PROGRESS) == Err(Timeout) {
                progress();
            }
        });
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }

    fn work(&self, trial: impl Fn(u64) -> Result<(), F>) {
        while !self.is_over() {
            let seed = self.next.fetch_add(1, Relaxed);
            if seed >= self.seeds.end {
                break;
            }
            if let Err(why) = trial(seed) {
                self.stop();
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.as_ref().is_none_or(|(other, _)| seed < *other) {
                    *failure = Some((seed, why));
                }
            }
            self.done.fetch_add(1, Relaxed);
        }
    }

    /// Lets no further trial begin.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// Whether it was stopped, has failed or has had its time: a long trial may look and end.
    pub fn is_over(&self) -> bool {
        self.stopped.load(Relaxed) || self.limit.is_some_and(|limit| self.elapsed() >= limit)
    }

    /// How long ago it began.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// How many seeds were run.
    pub fn seeds(&self) -> u64 {
        self.done.load(Relaxed)
    }
}
