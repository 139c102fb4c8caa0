//! Operations are due at a fixed rate, whatever has become of those before.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::{
    Lane, Timing,
    tally::{Tally, Window},
};

/// The schedule: the first operation is due at `begins`, and so are all, one after the other.
pub(super) struct Pace {
    begins: Instant,
    window: Window,
    each: Duration,
    /// How many are due in all.
    total: u64,
    taken: AtomicU64,
    due: Semaphore,
}

impl Pace {
    /// A thread of its own keeps the time: the timers of tokio are only good to a millisecond.
    pub(super) fn start(begins: Instant, window: Window, rate: f64) -> Arc<Self> {
        let each = Duration::from_secs_f64(1.0 / rate);
        let total = ((window.closes - begins).as_secs_f64() * rate).ceil() as u64;
        let (taken, due) = (AtomicU64::new(0), Semaphore::new(0));
        let pace = Arc::new(Pace { begins, window, each, total, taken, due });
        let shared = pace.clone();
        thread::spawn(move || shared.release());
        pace
    }

    fn at(&self, number: u64) -> Instant {
        self.begins + self.each.mul_f64(number as f64)
    }

    fn release(&self) {
        for number in 0..self.total {
            if let Some(early) = self.at(number).checked_duration_since(Instant::now()) {
                thread::sleep(early);
            }
            self.due.add_permits(1);
        }
        if let Some(early) = self.window.closes.checked_duration_since(Instant::now()) {
            thread::sleep(early);
        }
        // Whoever still waits learns that nothing more is due.
        self.due.close();
    }

    /// Waits until an operation is due and takes it; `None` at the end.
    async fn next(&self) -> Option<(u64, Instant)> {
        if Instant::now() >= self.window.closes {
            return None;
        }
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        Some((number, self.at(number)))
    }

    /// Those that were due and have not begun, with the time that they have waited.
    pub(super) fn behind(&self) -> Tally {
        let mut tally = Tally::default();
        let now = Instant::now();
        for number in self.taken.load(Ordering::Relaxed)..self.total {
            let due = self.at(number);
            if self.window.holds(due) {
                tally.latency.add(now.saturating_duration_since(due));
                tally.behind += 1;
            }
        }
        tally
    }
}

pub(super) async fn lane(mut lane: impl Lane, pace: Arc<Pace>, prefix: String) -> Tally {
    let mut tally = Tally::default();
    while let Some((number, due)) = pace.next().await {
        let outcome = lane.operate(&format!("{prefix}-{number}")).await;
        let ended = Instant::now();
        let goes_on = tally.goes_on(&outcome).await;
        if let Ok(timing) = outcome
            && pace.window.holds(due)
        {
            tally.latency.add(match timing {
                Timing::Whole => ended.saturating_duration_since(due),
                Timing::Part(part) => part,
            });
            tally.operations += 1;
            tally.last = Some(ended);
        }
        if !goes_on {
            break;
        }
    }
    tally
}
