//! How long workflows wait.

use std::time::{Duration, Instant};

use abide_bench::driver::{SUSPENSION, Timing};

/// How long a workflow that waits for a signal is left alone first, so that it is at rest when the
/// signal comes.
pub const SUSPENDED: Duration = Duration::from_millis(10);

/// What a workflow that was begun then has taken beyond its sleep.
#[must_use]
pub fn beyond_sleep(begun: Instant) -> Timing {
    Timing::Part(begun.elapsed().saturating_sub(SUSPENSION))
}
