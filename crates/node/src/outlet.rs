use abide_engine::Ticket;
use abide_protocol::Response;

use crate::{
    caller::Caller,
    letter::Letter,
    push::Push,
    state::{Opener, Phase},
    sync::mpsc::OwnedPermit,
};

/// What leaves once the lock is open again: waking somebody takes time that others need the lock
/// for.
#[derive(Default)]
pub(crate) struct Outlet {
    pub(crate) replies: Vec<(Ticket, Caller, Response)>,
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

    /// The answer to a call, if it is about to leave.
    pub(crate) fn reply(&self, ticket: Ticket) -> Option<&Response> {
        let (.., response) = self.replies.iter().rfind(|(of, ..)| *of == ticket)?;
        Some(response)
    }

    /// Lets everything out. Never called with the lock held: a receipt or a letter that is dropped takes it.
    pub(crate) fn release(&mut self) {
        for (_, caller, response) in self.replies.drain(..) {
            caller.tell(response);
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
