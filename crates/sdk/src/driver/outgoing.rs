//! What an execution asks of the engine, on its way there.

use std::sync::Arc;

use abide_protocol::{CreateAction, FenceAction, Request, TaskFence, Value};
use futures_util::FutureExt;

use super::{Done, Driver};
use crate::{
    core::{intent::Op, outcome::Outcome},
    worker::Travel,
};

/// Requests in one group: what a server takes in one message.
const GROUP: usize = 1_024;

/// What a request is about, and so what its answer means.
pub(super) enum About {
    /// A creation.
    Create { op: Op, id: Arc<str> },
    /// A settlement.
    Settle { op: Op, id: Arc<str>, outcome: Outcome, sent: Arc<Value> },
    /// A creation and a settlement in one.
    Record { op: Op, id: Arc<str>, outcome: Outcome, sent: Arc<Value> },
    /// The end of a child whose handle was dropped.
    Cancel { op: Op, id: Arc<str> },
    /// Deleting what nobody will ask for again.
    Reclaim,
    /// The suspension. `tells` says that the engine was asked to tell what is settled.
    Suspend { tells: bool },
    /// Being told when a promise is settled.
    Listen,
}

/// The requests that are not on their way yet.
#[derive(Default)]
pub(super) struct Outgoing {
    requests: Vec<Request>,
    /// What each of them is about.
    about: Vec<About>,
    /// Whether a group is on its way that the next one must not overtake.
    in_flight: bool,
}

impl Driver {
    /// Has a request sent with the next group.
    pub(super) fn send(&mut self, request: Request, about: About) {
        self.outgoing.requests.push(request);
        self.outgoing.about.push(about);
    }

    /// Takes the creation of a child back that was the last to be asked for and has not left, so that
    /// it travels as one with the child's settlement, where the engine knows such a request.
    pub(super) fn unsent_creation(&mut self, op: Op) -> Option<CreateAction> {
        let Outgoing { requests, about, .. } = &mut self.outgoing;
        let is_last = matches!(about.last(), Some(About::Create { op: last, .. }) if *last == op);
        if !is_last || self.travel == Travel::Alone || !self.worker.link.extensions().record() {
            return None;
        }
        about.pop();
        match requests.pop()? {
            Request::TaskFence(TaskFence { action: FenceAction::Create(create), .. }) => {
                Some(create)
            }
            _ => unreachable!("a creation is asked for by a fence"),
        }
    }

    /// Sends what waits, unless a group is on its way that it must not overtake.
    pub(super) fn flush(&mut self) {
        let Outgoing { requests, about, in_flight } = &mut self.outgoing;
        match self.travel {
            // Whatever arrives first takes effect first.
            Travel::Alone => {
                let (requests, about) = (std::mem::take(requests), std::mem::take(about));
                for (request, about) in requests.into_iter().zip(about) {
                    self.group(vec![request], vec![about]);
                }
            }
            Travel::Grouped if !*in_flight && !requests.is_empty() => {
                *in_flight = true;
                let (requests, about) = (first(requests), first(about));
                self.group(requests, about);
            }
            _ => {}
        }
    }

    /// Sends at once what gains nothing by waiting for more.
    pub(super) fn flush_early(&mut self) {
        if self.travel == Travel::Alone {
            self.flush();
        }
    }

    /// A group has been answered, or not: the next one may go.
    pub(super) fn landed(&mut self) {
        self.outgoing.in_flight = false;
    }

    fn group(&mut self, requests: Vec<Request>, about: Vec<About>) {
        let answers = self.worker.group(requests, self.worker.settings.lease);
        self.ops.push(answers.map(|answers| Done::Group { about, answers }).boxed());
    }
}

/// Takes what goes into one group.
fn first<T>(waiting: &mut Vec<T>) -> Vec<T> {
    let rest = waiting.split_off(waiting.len().min(GROUP));
    std::mem::replace(waiting, rest)
}
