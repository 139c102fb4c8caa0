use std::sync::Arc;

use abide_protocol::Response;

use crate::{group::Group, state::unavailable, sync::oneshot, then::Then};

/// Who is told of an answer. One whose call nobody carries out any more is told so, by a 503.
pub(crate) struct Caller(Option<Who>);

enum Who {
    /// Whoever waits elsewhere. They notice by themselves when nobody answers.
    Waits(oneshot::Sender<Response>),
    /// Nobody waits: this is done with the answer.
    Then(Then<Response>),
    /// One of several that have asked together.
    Member { group: Arc<Group>, place: usize },
}

impl Caller {
    pub(crate) fn waits(sender: oneshot::Sender<Response>) -> Self {
        Caller(Some(Who::Waits(sender)))
    }

    pub(crate) fn then(then: Then<Response>) -> Self {
        Caller(Some(Who::Then(then)))
    }

    pub(crate) fn member(group: Arc<Group>, place: usize) -> Self {
        Caller(Some(Who::Member { group, place }))
    }

    pub(crate) fn tell(mut self, response: Response) {
        match self.0.take() {
            // One that has gone away has no use for the answer.
            Some(Who::Waits(sender)) => drop(sender.send(response)),
            Some(Who::Then(then)) => then.carry_out(response),
            Some(Who::Member { group, place }) => group.answered(place, response),
            None => {}
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(who @ (Who::Then(_) | Who::Member { .. })) = self.0.take() {
            Caller(Some(who)).tell(unavailable("the node is closed"));
        }
    }
}
