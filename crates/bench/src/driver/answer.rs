use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Histogram;

/// The answer to an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    /// It was measured.
    Answer(Answer),
    /// The system has nothing of the kind; why.
    Unsupported(String),
    /// It could not be measured; why.
    Failed(String),
}

/// The name of the figure of a driver that knows how often its system has synced during an order:
/// what counts when the calls of the system cannot be counted from outside.
pub const SYNCS: &str = "syncs";

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// How many operations were carried out within the measured time.
    pub operations: u64,
    /// How long that was.
    pub seconds: f64,
    /// How many operations were carried out in all, before and after it too: what the processor
    /// time and the bytes of the whole order are divided by.
    pub all: u64,
    /// How many operations failed. They are in none of the other figures.
    pub errors: u64,
    /// Under an open load, how many operations were due and had not begun at the end.
    #[serde(default)]
    pub behind: u64,
    /// How long each took, in microseconds.
    #[serde(default)]
    pub latency_us: Histogram,
    /// Other figures, by name: the last word of a name is its unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, f64>,
}

impl Answer {
    /// Operations a second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.operations as f64 / self.seconds } else { 0.0 }
    }
}
