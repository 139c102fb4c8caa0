use std::{ops::RangeInclusive, time::Duration};

/// What goes wrong, as probabilities from 0 to 1.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The connection of a request is reset: one half of the time before the server hears of it,
    /// one half after it has answered.
    pub reset: f64,
    /// A request, or the answer to it, is late.
    pub delay: Delay,
    /// A message on a stream comes twice.
    pub repeat: f64,
    /// A stream is reset after a message.
    pub cut: f64,
    /// An `execute` is lost. It is the message that the protocol allows to be lost; a server that
    /// has written an `unblock` counts on the connection.
    pub lose: f64,
}

/// How often something is late, and by how much.
#[derive(Clone, Debug)]
pub struct Delay {
    /// How often.
    pub probability: f64,
    /// By how much.
    pub span: RangeInclusive<Duration>,
}

impl Default for Delay {
    fn default() -> Self {
        Delay { probability: 0.0, span: Duration::ZERO..=Duration::from_millis(300) }
    }
}
