//! Steady time: tokio's, or that of a simulation.

#[cfg(not(feature = "sim"))]
pub(crate) use tokio::time::{Instant, sleep, sleep_until, timeout};

#[cfg(feature = "sim")]
pub(crate) use crate::sim::time::{Instant, instant, sleep, sleep_until, timeout};

/// Now.
#[cfg(not(feature = "sim"))]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// How long ago that was.
pub(crate) fn since(earlier: Instant) -> std::time::Duration {
    instant().saturating_duration_since(earlier)
}
