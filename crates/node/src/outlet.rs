use abide_protocol::{Message, Response};

use crate::{
    push::Push,
    receipt::Receipt,
    state::{Opener, Phase},
    sync::{mpsc::OwnedPermit, oneshot},
};

/// A message on its way to a member of a group.
pub(crate) struct Letter {
    pub(crate) address: std::sync::Arc<str>,
    pub(crate) message: Message,
    /// Reports what becomes of the message, if it must not be lost.
    pub(crate) receipt: Option<Receipt>,
}

/// What leaves once the lock is open again: waking somebody takes time that others need the lock
/// for.
#[derive(Default)]
pub(crate) struct Outlet {
    pub(crate) replies: Vec<(oneshot::Sender<Response>, Response)>,
    pub(crate) letters: Vec<(OwnedPermit<Letter>, Letter)>,
    pub(crate) pushes: Vec<(OwnedPermit<Push>, Push)>,
    /// A shard and its store that are no longer needed. Closing a store may take time.
    pub(crate) dropped: Vec<Phase>,
    /// What opened the store, and may hold it.
    pub(crate) opener: Option<Opener>,
}

impl Outlet {
    /// Lets everything out. Never called with the lock held: a receipt that is dropped takes it.
    pub(crate) fn release(&mut self) {
        for (caller, response) in self.replies.drain(..) {
            // A caller that has gone away has no use for the answer.
            let _ = caller.send(response);
        }
        for (permit, letter) in self.letters.drain(..) {
            permit.send(letter);
        }
        for (permit, push) in self.pushes.drain(..) {
            permit.send(push);
        }
        self.dropped.clear();
        self.opener = None;
    }
}
