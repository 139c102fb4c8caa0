//! How a promise ended.

use std::sync::Arc;

use crate::codec::Unreadable;

/// JSON text, or nothing.
pub(crate) type Payload = Option<Arc<str>>;

/// The settled state of a promise, with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It has a value.
    Resolved(Payload),
    /// It has an error.
    Rejected(Payload),
    /// Somebody canceled it.
    Canceled(Payload),
    /// Its deadline passed.
    TimedOut,
    /// It is settled, but this process cannot read its payload: nothing may be concluded from it.
    Unreadable(Unreadable),
}

impl Outcome {
    /// Whether this is a value.
    pub(crate) fn is_resolved(&self) -> bool {
        matches!(self, Self::Resolved(_))
    }
}

/// How a body ended: what to record, and whether trying again could help.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// What is recorded.
    pub(crate) outcome: Outcome,
    /// An error that the body called permanent is not retried.
    pub(crate) permanent: bool,
}
