use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// A request that came.
    Request,
    /// A connection reset before the server heard of its request.
    ResetBefore,
    /// A connection reset after the server had answered.
    ResetAfter,
    /// A request or an answer that was late.
    Delay,
    /// A message that came.
    Message,
    /// A message that went on twice.
    Repeat,
    /// A stream that was reset.
    Cut,
    /// A message that was lost.
    Lost,
    /// A request for which there was no server.
    Down,
}

const NAMES: [&str; 9] = [
    "requests",
    "resets before",
    "resets after",
    "delays",
    "messages",
    "repeated",
    "streams cut",
    "lost",
    "server down",
];

/// How often what happened.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; NAMES.len()]);

impl Tally {
    pub(super) fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Relaxed);
    }

    /// How often it happened.
    pub fn of(&self, count: Count) -> u64 {
        self.0[count as usize].load(Relaxed)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, count)) in NAMES.iter().zip(&self.0).enumerate() {
            let between = if at == 0 { "" } else { ", " };
            write!(f, "{between}{} {name}", count.load(Relaxed))?;
        }
        Ok(())
    }
}
