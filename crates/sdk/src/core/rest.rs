//! Where an execution may be left without losing work.

use super::{
    children::{Phase, Scope},
    execution::Execution,
};

impl Execution {
    /// Whether nothing would have to be done again if the execution were left right now: nothing is
    /// on its way to the store, and no body runs that is not made of durable calls.
    pub(crate) fn is_between_steps(&self) -> bool {
        self.in_flight == 0
            && self.intents.is_empty()
            && !self.scopes.iter().any(|(_, scope)| scope.is_in_the_middle())
    }
}

impl Scope {
    fn is_in_the_middle(&self) -> bool {
        match self.phase {
            // It was started, and what it does has left no record.
            Phase::Open | Phase::Closed => self.polls > 0 && self.is_leaf(),
            // Its result is not recorded yet.
            Phase::Failed(_) | Phase::Ended(_) | Phase::Settling => true,
            Phase::Loading | Phase::Backoff(_) => false,
        }
    }
}
