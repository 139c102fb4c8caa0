use std::sync::Weak;

use abide_engine::Input;

use crate::shared::Shared;

/// Stands for a message that must not be lost. It is reported as taken, or, when it is dropped, as
/// refused, so that no message is forgotten with the queue that it was in.
pub(crate) struct Token {
    shared: Weak<Shared>,
    /// Which opening of the shard it belongs to: a later one delivers the message anew.
    generation: u64,
    delivery: u64,
    settled: bool,
}

impl Token {
    pub(crate) fn new(shared: Weak<Shared>, generation: u64, delivery: u64) -> Self {
        Token { shared, generation, delivery, settled: false }
    }

    /// Reports that the message has reached its receiver.
    pub(crate) fn taken(mut self) {
        self.report(Input::Taken { delivery: self.delivery });
    }

    fn report(&mut self, input: Input) {
        self.settled = true;
        if let Some(shared) = self.shared.upgrade() {
            shared.drive(|state| {
                if state.generation == self.generation {
                    state.feed(input);
                }
            });
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if !self.settled {
            self.report(Input::Refused { delivery: self.delivery });
        }
    }
}
