use abide_machine::{Internal, Key, Step};

/// One of the things that can happen in a scope.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) step: Step,
    /// Whoever drives the machine takes the step only when none of these promises is pending.
    pub(super) settled: Vec<Key>,
}

impl Choice {
    pub(super) fn new(text: impl Into<String>, step: Step) -> Self {
        Choice { text: text.into(), step, settled: Vec::new() }
    }

    /// Every key that it may read or write.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = self.step.footprint();
        keys.extend(self.settled.iter().cloned());
        match &self.step {
            Step::Internal(Internal::Listener { id, address }) => {
                keys.push(Key::Unblock(address.clone(), id.clone()));
            }
            Step::Internal(Internal::Delivered(unblock)) => {
                keys.push(Key::Unblock(unblock.address.clone(), unblock.promise.clone()));
            }
            _ => {}
        }
        keys
    }
}
