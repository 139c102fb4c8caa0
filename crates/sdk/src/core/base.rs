//! Where a function begins anew: a save point, or the attempt after a failed one.

use std::sync::Arc;

/// What the newest record that a function begins anew at says. Records before it are not replayed,
/// and turns are counted from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The number of that record; 0 if the function begins at its beginning.
    pub(crate) ordinal: u32,
    /// The number of the newest save point; 0 if there is none.
    pub(crate) save: u32,
    /// The state that it holds.
    pub(crate) state: Option<Arc<str>>,
    /// Which attempt this is, from 1.
    pub(crate) attempt: u32,
}

impl Default for Base {
    fn default() -> Self {
        Self { ordinal: 0, save: 0, state: None, attempt: 1 }
    }
}

impl Base {
    /// A save point: the attempt is the same.
    pub(crate) fn saved(&self, ordinal: u32, state: Arc<str>) -> Self {
        Self { ordinal, save: ordinal, state: Some(state), attempt: self.attempt }
    }

    /// The attempt after the one that failed: it goes on from the same save point.
    pub(crate) fn retried(&self, ordinal: u32) -> Self {
        Self { ordinal, attempt: self.attempt.saturating_add(1), ..self.clone() }
    }
}
