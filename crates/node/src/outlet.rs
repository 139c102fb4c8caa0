use abide_engine::Ticket;
use abide_protocol::Response;

use crate::{
    letter::Letter,
    push::Push,
    state::{Opener, Phase},
    sync::{mpsc::OwnedPermit, oneshot},
};

/// What leaves once the lock is open again: waking somebody takes time that others need the lock
/// for.
#[derive(Default)]
pub(crate) struct Outlet {
    pub(crate) replies: Vec<(Ticket, oneshot::Sender<Response>, Response)>,
    pub(crate) letters: Vec<(OwnedPermit<Letter>, Letter)>,
    pub(crate) pushes: Vec<(OwnedPermit<Push>, Push)>,
    /// A shard and its store that are no longer needed. Closing a store may take time.
    pub(crate) dropped: Vec<Phase>,
    /// What opened the store, and may hold it.
    pub(crate) opener: Option<Opener>,
}

impl Outlet {
    /// Whether it holds a store, or what may hold one.
    pub(crate) fn lets_go(&self) -> bool {
        !self.dropped.is_empty() || self.opener.is_some()
    }

    /// Keeps an answer here, and gives it to who has just asked.
    pub(crate) fn take_reply(&mut self, ticket: Ticket) -> Option<Response> {
        let at = self.replies.iter().rposition(|(of, ..)| *of == ticket)?;
        Some(self.replies.remove(at).2)
    }

    /// Lets everything out. Never called with the lock held: a receipt or a letter that is dropped takes it.
    pub(crate) fn release(&mut self) {
        for (_, caller, response) in self.replies.drain(..) {
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
