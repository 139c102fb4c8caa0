use std::sync::Weak;

use abide_engine::Input;

use crate::shared::Shared;

/// Stands for a message that must not be lost: an unblock. Until it says that the message was
/// taken, the message is stored; when it is dropped, the message is delivered again, so that none
/// is forgotten with the queue that it was in.
pub struct Receipt {
    shared: Weak<Shared>,
    /// Which opening of the shard it belongs to: a later one delivers the message anew.
    generation: u64,
    delivery: u64,
    settled: bool,
}

impl Receipt {
    pub(crate) fn new(shared: Weak<Shared>, generation: u64, delivery: u64) -> Self {
        Receipt { shared, generation, delivery, settled: false }
    }

    /// Reports that the message has reached its receiver.
    pub fn taken(mut self) {
        self.report(Input::Taken { delivery: self.delivery });
    }

    fn report(&mut self, input: Input) {
        self.settled = true;
        if let Some(shared) = self.shared.upgrade() {
            shared.drive(|state| {
                if state.generation == self.generation || fault!(StaleReceipt) {
                    state.feed(input);
                }
            });
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if !self.settled {
            fault!(DroppedCountsAsTaken => return self.report(Input::Taken { delivery: self.delivery }));
            self.report(Input::Refused { delivery: self.delivery });
        }
    }
}
