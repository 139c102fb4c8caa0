//! How long workflows wait.

use std::time::{Duration, Instant};

use abide_bench::driver::Timing;

/// How long the workflow of a timer job sleeps.
pub const NAP: Duration = Duration::from_millis(10);

/// How long a workflow that waits for a signal is left alone first, so that it is at rest when the
/// signal comes.
pub const SUSPENDED: Duration = Duration::from_millis(10);

/// What a workflow that was begun then has taken beyond its nap.
#[must_use]
pub fn beyond_nap(begun: Instant) -> Timing {
    Timing::Part(begun.elapsed().saturating_sub(NAP))
}
