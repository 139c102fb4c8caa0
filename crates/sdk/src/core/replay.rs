//! The state of a replay: which turn comes next, and what is still to be matched in it.

use std::sync::Arc;

use super::{matching::Matching, outcome::Outcome, record::Records};
use crate::hash::HashMap;

/// A scope on its way through its recorded turns.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) records: Arc<Records>,
    /// The last recorded turn; when it has ended, the replay has.
    pub(crate) last: u64,
    /// The records of the turn that is open.
    pub(crate) matching: Matching,
    /// Whether some turn so far held interchangeable calls.
    pub(crate) ambiguous: bool,
    /// Children that settled after the records were loaded, with their ranks.
    pub(crate) late: HashMap<u32, (u64, Outcome)>,
}

impl Replay {
    /// A replay that is about to make turn 0; `None` if nothing is recorded.
    pub(crate) fn new(records: &Arc<Records>) -> Option<Self> {
        Some(Self {
            last: records.last_turn()?,
            matching: Matching::new(records.clone()),
            records: records.clone(),
            ambiguous: false,
            late: HashMap::default(),
        })
    }

    /// The ordinal whose completion makes `turn`.
    pub(crate) fn delivery(&self, turn: u64) -> Option<u32> {
        self.records.deliveries.get(usize::try_from(turn).ok()?.checked_sub(1)?).copied()
    }

    /// Goes on to the records of `turn`.
    pub(crate) fn enter(&mut self, turn: u64) {
        self.matching.enter(turn);
    }
}
