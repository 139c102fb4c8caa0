//! What goes wrong in a world by chance.

use std::{ops::RangeInclusive, time::Duration};

/// How often, as probabilities, and how much.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    /// A process crashes with a write.
    pub(crate) crash: f64,
    /// Every life of a process ends with this write of its own.
    pub(crate) crash_every: Option<u64>,
    /// A process freezes after a write.
    pub(crate) freeze: f64,
    /// A request, or the answer to it, is lost or late.
    pub(crate) lose_requests: f64,
    /// A message is lost.
    pub(crate) lose_messages: f64,
    /// A message comes twice.
    pub(crate) repeat_messages: f64,
    /// The server restarts instead of answering a request.
    pub(crate) restart: f64,
    /// How long a request, an answer or a message is on its way.
    pub(crate) latency: RangeInclusive<Duration>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            crash: 0.0,
            crash_every: None,
            freeze: 0.0,
            lose_requests: 0.0,
            lose_messages: 0.0,
            repeat_messages: 0.0,
            restart: 0.0,
            latency: Duration::ZERO..=Duration::from_millis(3),
        }
    }
}

/// What happens with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process that makes it crashes, and it does not take effect.
    CrashBefore,
    /// It takes effect, and the process that makes it crashes before it learns of that.
    CrashAfter,
    /// It takes effect, and the process freezes for longer than its lease may last.
    Freeze,
}
