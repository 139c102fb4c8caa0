use std::time::{Duration, Instant};

use super::{Fault, Histogram, Timing};

/// A lane that fails so often in a row gives up.
const MAX_FAILURES: u32 = 100;

/// A lane that failed waits so long, lest it spin.
const AFTER_FAILURE: Duration = Duration::from_millis(10);

/// When a load is measured.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) opens: Instant,
    pub(super) closes: Instant,
}

impl Window {
    pub(super) fn holds(&self, moment: Instant) -> bool {
        (self.opens..=self.closes).contains(&moment)
    }
}

/// What one lane has counted.
#[derive(Default)]
pub(super) struct Tally {
    /// Within the window.
    pub(super) latency: Histogram,
    /// Those within the window that were carried out.
    pub(super) operations: u64,
    /// From the window's beginning on, also those that ended too late.
    pub(super) late: Histogram,
    /// When the last one ended.
    pub(super) last: Option<Instant>,
    pub(super) all: u64,
    pub(super) behind: u64,
    pub(super) errors: u64,
    in_a_row: u32,
}

impl Tally {
    /// Counts what was carried out, or has failed; says whether the lane goes on.
    pub(super) async fn goes_on(&mut self, outcome: &Result<Timing, Fault>) -> bool {
        let Err(fault) = outcome else {
            self.all += 1;
            self.in_a_row = 0;
            return true;
        };
        // Of many that fail alike, one is enough to read.
        if self.errors == 0 {
            eprintln!("an operation failed: {fault}");
        }
        self.errors += 1;
        self.in_a_row += 1;
        tokio::time::sleep(AFTER_FAILURE).await;
        self.in_a_row < MAX_FAILURES
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.latency.merge(&other.latency);
        self.late.merge(&other.late);
        self.operations += other.operations;
        self.last = self.last.max(other.last);
        self.all += other.all;
        self.behind += other.behind;
        self.errors += other.errors;
    }
}
