use std::sync::{Arc, Weak};

use abide_protocol::Message;

use crate::{receipt::Receipt, shared::Shared, sync::planted};

/// A message on its way to a member of a group. One that is dropped before the member has read it,
/// wherever it was at that time, goes to another member.
pub(crate) struct Letter {
    shared: Weak<Shared>,
    content: Option<Content>,
}

/// What is in a letter.
pub(crate) struct Content {
    pub(crate) address: Arc<str>,
    pub(crate) message: Message,
    /// Reports what becomes of the message, if it must not be lost.
    pub(crate) receipt: Option<Receipt>,
}

impl Letter {
    pub(crate) fn new(shared: Weak<Shared>, content: Content) -> Self {
        Letter { shared, content: Some(content) }
    }

    /// Hands it out, and reports that.
    pub(crate) fn take(self) -> Message {
        let (message, receipt) = self.split();
        if let Some(receipt) = receipt {
            receipt.taken();
        }
        message
    }

    /// Hands it out.
    pub(crate) fn split(mut self) -> (Message, Option<Receipt>) {
        let content = self.content.take().expect("it is taken out once");
        (content.message, content.receipt)
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        let Some(content) = self.content.take() else { return };
        if planted!(UnreadForgotten) {
            return std::mem::forget(content);
        }
        let Some(shared) = self.shared.upgrade() else { return };
        let mut refused = None;
        shared.drive(|state| refused = state.forward(content));
        // Its receipt takes the lock.
        drop(refused);
    }
}
