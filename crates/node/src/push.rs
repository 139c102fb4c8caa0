use std::sync::Arc;

use abide_engine::{Input, Receiver};
use abide_protocol::Message;

use crate::{receipt::Receipt, shared::Shared, sync::mpsc};

/// A message to post to an `http` or `https` address.
pub struct Push {
    /// The address.
    pub address: Arc<str>,
    /// The message.
    pub message: Message,
    pub(crate) receipt: Option<Receipt>,
}

impl Push {
    /// Reports that the receiver has the message: it answered 2xx.
    pub fn taken(mut self) {
        if let Some(receipt) = self.receipt.take() {
            receipt.taken();
        }
    }

    /// Reports that the receiver does not have the message, so that it is sent again later.
    /// Dropping it says the same.
    pub fn refused(self) {
        drop(self);
    }
}

/// The messages that are to be posted. While it exists, the node hands them out; what nobody asks
/// for waits in the store.
pub struct Pushes {
    shared: Arc<Shared>,
    pub(crate) queue: mpsc::Receiver<Push>,
}

impl Pushes {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let (sender, queue) = mpsc::channel(shared.config.queue.max(1));
        shared.drive(|state| {
            if !state.is_open() {
                return;
            }
            let before = state.registry.push.replace(sender);
            if before.is_none() {
                state.feed(Input::Connected { receiver: Receiver::Http });
            }
        });
        Pushes { shared, queue }
    }

    /// The next message; `None` when the node is closed or somebody else has asked for the pushes
    /// since. It may be dropped while it waits without losing a message.
    pub async fn next(&mut self) -> Option<Push> {
        self.queue.recv().await
    }
}

impl Drop for Pushes {
    fn drop(&mut self) {
        self.queue.close();
        self.shared.drive(|state| {
            // Somebody else may have asked for the pushes since.
            if state.registry.push.take_if(|sender| sender.is_closed()).is_some() {
                state.feed(Input::Disconnected { receiver: Receiver::Http });
            }
        });
        while self.queue.try_recv().is_ok() {}
    }
}
