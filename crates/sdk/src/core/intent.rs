//! What the core wants done.

use std::sync::Arc;

use super::{
    ask::Ask, cancellation::Cancellation, fault::Fault, outcome::Outcome, trace::Trace,
    wake::ScopeKey,
};

/// A child of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Op {
    /// The scope.
    pub(crate) scope: ScopeKey,
    /// The child's number within it.
    pub(crate) ordinal: u32,
}

/// Something to do, in the order given where the link keeps the order.
#[derive(Debug)]
pub(crate) enum Intent {
    /// Load the complete records of a scope; answered by `Event::Loaded`.
    Load { scope: ScopeKey, id: Arc<str> },
    /// Create a child; answered by `Event::Created`.
    Create(Create),
    /// Settle a local child; answered by `Event::Settled`.
    Settle { op: Op, id: Arc<str>, outcome: Outcome },
    /// Cancel a child whose handle was dropped; answered by `Event::Canceled`.
    Cancel(Cancel),
    /// An attempt failed, and there may be another; answered by `Event::Retry` or `Event::GiveUp`.
    Retry { scope: ScopeKey, ask: Arc<Ask>, attempt: u32, outcome: Outcome },
    /// Delete these children, if they are settled; never waited for.
    Reclaim { ids: Vec<Arc<str>> },
    /// Nothing moves until something is settled that is awaited and not executed here. Creations
    /// may still be on their way where the link keeps the order.
    Suspend,
    /// The execution has ended.
    Complete { outcome: Outcome },
    /// The execution must be halted.
    Stop(Fault),
}

/// A creation.
#[derive(Clone, Debug)]
pub(crate) struct Create {
    /// Which child.
    pub(crate) op: Op,
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The id of its scope.
    pub(crate) parent: Arc<str>,
    /// What it is.
    pub(crate) ask: Arc<Ask>,
    /// What its record says about the turn.
    pub(crate) trace: Trace,
}

/// A cancellation.
#[derive(Clone, Debug)]
pub(crate) struct Cancel {
    /// Which child.
    pub(crate) op: Op,
    /// Its id.
    pub(crate) id: Arc<str>,
    /// What its record says about the turn.
    pub(crate) trace: Cancellation,
}
