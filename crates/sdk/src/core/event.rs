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
    /// It is time for the next attempt.
    Retry { scope: ScopeKey },
    /// There is no next attempt: the last failure stands.
    GiveUp { scope: ScopeKey },
}
