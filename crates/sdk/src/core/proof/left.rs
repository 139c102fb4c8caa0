//! What a run has left behind.

use std::collections::BTreeMap;

use crate::core::{ask::Identity, cancellation::Cancellation, outcome::Outcome, trace::Trace};

/// A durable record.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) parent: String,
    pub(crate) args: String,
    pub(crate) trace: Trace,
    pub(crate) outcome: Option<Outcome>,
    #[cfg_attr(not(test), expect(dead_code, reason = "it only orders what a world replays"))]
    pub(crate) settled_at: i64,
    /// The trace of its cancellation, if its scope canceled it.
    pub(crate) canceled: Option<Cancellation>,
}

impl Stored {
    pub(crate) fn identity(&self) -> &Identity {
        &self.trace.identity
    }
}

/// A body that was started.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) id: String,
    pub(crate) func: String,
    pub(crate) args: String,
    /// The last turn of its caller that was known to be durable then.
    pub(crate) after: Option<(u32, u64)>,
}

/// All of it.
pub(crate) struct Left<'a> {
    /// The id of the root promise.
    pub(crate) root: &'a str,
    /// All records that there ever were.
    pub(crate) records: BTreeMap<String, Stored>,
    /// How the root promise ended.
    pub(crate) result: Option<Outcome>,
    pub(crate) started: Vec<Started>,
}

/// The id of the scope that a child belongs to.
pub(crate) fn parent(id: &str) -> Option<&str> {
    id.rsplit_once(['.', ':']).map(|(parent, _)| parent)
}

/// The last number of an id.
pub(crate) fn ordinal(id: &str) -> u32 {
    id.rsplit([':', '.']).next().and_then(|number| number.parse().ok()).expect("the id of a child")
}
