//! What the core is told.

use super::{intent::Op, outcome::Outcome, record::Record, wake::ScopeKey};

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The records of a scope, complete.
    Loaded { scope: ScopeKey, records: Vec<Record> },
    /// A creation is durable. It may have been settled since.
    Created { op: Op, outcome: Option<Outcome> },
    /// A local child is settled, durably, and this is how.
    Settled { op: Op, outcome: Outcome },
    /// A cancellation is durable, or came too late.
    Canceled { op: Op },
    /// A remote child, a timer or a promise is settled.
    Arrived { op: Op, outcome: Outcome },
    /// There is another attempt, at this time: milliseconds of the Unix epoch.
    Retry { scope: ScopeKey, at: i64 },
    /// There is no next attempt: the last failure stands.
    GiveUp { scope: ScopeKey },
}
