//! Time as the protocol counts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use abide_protocol::Millis;

/// The deadline of what has none: the largest integer that every client represents exactly.
pub(crate) const FOREVER: Millis = (1 << 53) - 1;

/// Now, in milliseconds of the Unix epoch.
pub(crate) fn now() -> Millis {
    at(system())
}

/// Now, by the system's clock, or by that of a [test](crate::test) or a simulation.
pub(crate) fn system() -> SystemTime {
    #[cfg(feature = "sim")]
    if let Some(now) = crate::sim::time::wall() {
        return now;
    }
    #[cfg(feature = "test")]
    if let Some(now) = virtual_time::now() {
        return now;
    }
    SystemTime::now()
}

/// The wall time of a test: tokio's paused clock, counted from a fixed day.
#[cfg(feature = "test")]
pub(crate) mod virtual_time {
    use std::{
        cell::Cell,
        time::{Duration, SystemTime, UNIX_EPOCH},
    };

    use tokio::time::Instant;

    /// When every test begins: midnight UTC of the first of January 2030, a Tuesday.
    const BEGINNING: Duration = Duration::from_secs(1_893_456_000);

    thread_local! {
        static STARTED: Cell<Option<Instant>> = const { Cell::new(None) };
    }

    /// Sets this thread's wall time to the beginning. It goes on with the paused clock of the
    /// runtime that this is called in, until [`stop`].
    pub(crate) fn start() {
        STARTED.set(Some(Instant::now()));
    }

    /// Gives this thread the system's time again.
    pub(crate) fn stop() {
        STARTED.set(None);
    }

    /// Now, in a test.
    pub(crate) fn now() -> Option<SystemTime> {
        STARTED.get().map(|started| UNIX_EPOCH + BEGINNING + started.elapsed())
    }
}

/// A point in time, in milliseconds of the Unix epoch; what lies before it is 0.
pub(crate) fn at(time: SystemTime) -> Millis {
    time.duration_since(UNIX_EPOCH).map_or(0, span)
}

/// A point in time.
pub(crate) fn time(millis: Millis) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A span in milliseconds, rounded up, so that nothing fires early.
pub(crate) fn span(duration: Duration) -> Millis {
    let millis = u64::from(duration.subsec_nanos().div_ceil(1_000_000));
    let seconds = duration.as_secs().saturating_mul(1_000);
    Millis::try_from(seconds.saturating_add(millis)).unwrap_or(FOREVER).min(FOREVER)
}

/// How long it is until then.
pub(crate) fn until(deadline: Millis) -> Duration {
    Duration::from_millis(u64::try_from(deadline.saturating_sub(now())).unwrap_or(0))
}
