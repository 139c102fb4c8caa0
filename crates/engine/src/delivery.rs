use abide_machine::{Internal, Key, Row, Unblock, promise_at};
use abide_protocol::Message;

use crate::{
    Shard,
    family::Family,
    io::{Batch, Output},
    job::{Cause, Job},
};

impl Shard {
    /// Sends a stored message. The step that stored it has written its promise too, so `batch` is
    /// not before it.
    pub(crate) fn send(&mut self, family: &Family, unblock: Unblock, batch: Batch) {
        let promise = self.cache.row(&Key::Promise(unblock.promise.clone()));
        let Some(Row::Promise(promise)) = promise else {
            // A promise is kept as long as there is a message about it, unless the message is from
            // before promises could be reclaimed: then it speaks of nothing.
            return self.enqueue(Job::internal(Internal::Delivered(unblock), Cause::Other));
        };
        let Some(delivery) = self.outbox.send(family, &unblock) else { return };
        let promise = promise_at(&promise.record, self.clock);
        let deliver = Output::Deliver {
            delivery: Some(delivery),
            address: unblock.address,
            message: Message::Unblock { promise },
        };
        if batch <= self.batches.durable() || fault!(MessageBeforeCommit) {
            self.outputs.push_back(deliver);
        } else {
            self.gate.hold(batch, deliver);
        }
    }

    /// Forgets a message that its receiver has.
    pub(crate) fn taken(&mut self, delivery: u64) {
        if let Some(unblock) = self.outbox.taken(delivery) {
            self.enqueue(Job::internal(Internal::Delivered(unblock), Cause::Other));
        }
    }
}
