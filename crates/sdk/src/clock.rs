//! Time as the protocol counts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use abide_protocol::Millis;

/// The deadline of what has none: the largest integer that every client represents exactly.
pub(crate) const FOREVER: Millis = (1 << 53) - 1;

/// Now, in milliseconds of the Unix epoch.
pub(crate) fn now() -> Millis {
    at(SystemTime::now())
}

/// A point in time, in milliseconds of the Unix epoch; what lies before it is 0.
pub(crate) fn at(time: SystemTime) -> Millis {
    time.duration_since(UNIX_EPOCH).map_or(0, span)
}

/// A span in milliseconds, rounded up, so that nothing fires early.
pub(crate) fn span(duration: Duration) -> Millis {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    Millis::try_from(millis).unwrap_or(FOREVER).min(FOREVER)
}

/// How long it is until then.
pub(crate) fn until(deadline: Millis) -> Duration {
    Duration::from_millis(u64::try_from(deadline.saturating_sub(now())).unwrap_or(0))
}
