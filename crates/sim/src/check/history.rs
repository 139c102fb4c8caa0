use std::sync::Arc;

use abide_protocol::{
    Body, FenceAction, Id, Message, PromiseCreate, PromiseRecord, PromiseSettle, RecordAction,
    Request, Response, Status, TaskFence,
};

use super::{claims, promises, searches};
use crate::actor::Broken;

/// Requests that are valid are not refused as invalid, and nothing is a failure of the server.
pub(super) const UNDERSTOOD: &str = "valid requests are understood";

/// The requests of one message take effect in their order.
pub(super) const ORDERED: &str = "a batch is carried out in its order";

/// Names a request in the history.
pub(crate) type Op = usize;

/// Everything that was asked and answered. Instants are numbers of events: what ended before
/// something else began was before it.
#[derive(Clone, Default)]
pub(crate) struct History {
    pub(super) calls: Vec<Asked>,
    /// Messages about settled promises, with the instant at which each came.
    pub(super) messages: Vec<(u64, Arc<PromiseRecord>)>,
}

/// A request, and its answer if one came.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) request: Request,
    /// The message that it came in, perhaps with others.
    pub(super) call: u64,
    pub(super) began: u64,
    pub(super) ended: Option<(u64, Response)>,
}

/// A promise that somebody listens to: the address, and whose it is.
pub(crate) struct Listened {
    pub(crate) id: Id,
    pub(crate) address: String,
}

impl History {
    /// Somebody asks for something, in a message of that number.
    pub(crate) fn begin(&mut self, request: &Request, call: u64, now: u64) -> Op {
        self.calls.push(Asked { request: request.clone(), call, began: now, ended: None });
        self.calls.len() - 1
    }

    /// It is answered.
    pub(crate) fn end(&mut self, op: Op, response: &Response, now: u64) {
        self.calls[op].ended = Some((now, response.clone()));
    }

    /// A message has come.
    pub(crate) fn message(&mut self, message: &Message, now: u64) {
        if let Message::Unblock { promise } = message {
            self.messages.push((now, promise.clone()));
        }
    }

    /// What is listened to for sure: the registration was answered while the promise was pending.
    pub(crate) fn listened(&self) -> Vec<Listened> {
        let registrations = self.calls.iter().filter_map(|asked| {
            let Request::PromiseRegisterListener(data) = &asked.request else { return None };
            let (_, response) = asked.ended.as_ref()?;
            let pending = response.promise()?.is_pending();
            let (id, address) = (data.awaited.clone(), data.address.clone());
            pending.then_some(Listened { id, address })
        });
        registrations.collect()
    }

    /// Checks it all.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub(crate) fn check(&self, blind: &[&'static str]) -> Result<(), Broken> {
        let checks =
            [self.understood(), self.ordered(), promises::check(self), claims::check(self)];
        let mut found = checks.into_iter().chain([searches::check(self)]).flatten();
        match found.find(|broken| !blind.contains(&broken.checker)) {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    /// What a message creates is there for what comes after it in the message.
    fn ordered(&self) -> Vec<Broken> {
        let reclaimed = promises::reclaimed(self);
        let pairs = self.calls.windows(2).filter(|pair| pair[0].call == pair[1].call);
        let wrong = pairs.filter_map(|pair| {
            let Request::TaskSuspend(data) = &pair[1].request else { return None };
            let made = pair[0]
                .told()
                .map(|promise| &promise.id)
                .find(|id| data.actions.iter().any(|action| action.callback.awaited == **id))?;
            let (_, response) = pair[1].ended.as_ref()?;
            let missing = data.actions.len() == 1 && response.status == Status::Unprocessable;
            let missing = missing && !reclaimed.iter().any(|name| made.is_or_extends(name));
            missing.then(|| Broken::new(ORDERED, format!("{} is not there yet", &**made)))
        });
        wrong.take(1).collect()
    }

    fn understood(&self) -> Vec<Broken> {
        let bad = self.calls.iter().filter_map(|asked| {
            let (_, response) = asked.ended.as_ref()?;
            let bad = matches!(
                response.status,
                Status::BadRequest
                    | Status::Unauthorized
                    | Status::Forbidden
                    | Status::Internal
                    | Status::NotImplemented
            );
            let why = || format!("{:?} is answered {response:?}", asked.request);
            bad.then(|| Broken::new(UNDERSTOOD, why()))
        });
        bad.take(1).collect()
    }
}

impl Asked {
    /// The promise that it wants to create.
    pub(super) fn creates(&self) -> Option<&PromiseCreate> {
        match &self.request {
            Request::PromiseCreate(create) => Some(create),
            Request::TaskCreate(data) => Some(&data.action.create),
            Request::TaskFence(data) => match &data.action {
                FenceAction::Create(action) => Some(&action.create),
                FenceAction::Record(action) => Some(&action.create),
                FenceAction::Settle(_) => None,
            },
            _ => None,
        }
    }

    /// The promise that it wants to settle.
    pub(super) fn settles(&self) -> Option<&PromiseSettle> {
        match &self.request {
            Request::PromiseSettle(settle) => Some(settle),
            Request::TaskFulfill(data) => Some(&data.action.settle),
            Request::TaskFence(data) => match &data.action {
                FenceAction::Settle(action) => Some(&action.settle),
                FenceAction::Record(action) => Some(&action.settle),
                FenceAction::Create(_) => None,
            },
            _ => None,
        }
    }

    /// The promises that its answer tells of.
    pub(super) fn told(&self) -> impl Iterator<Item = &Arc<PromiseRecord>> {
        let response = self.ended.as_ref().map(|(_, response)| response);
        let pages = response.into_iter().flat_map(|response| match &response.body {
            Body::Promises { promises, .. } => promises.as_slice(),
            _ => response.preload(),
        });
        pages.chain(response.and_then(Response::promise))
    }

    /// What its answer says has been recorded as it was asked for.
    pub(super) fn recorded(&self) -> Option<&RecordAction> {
        let Request::TaskFence(TaskFence { action: FenceAction::Record(data), .. }) = &self.request
        else {
            return None;
        };
        let (_, response) = self.ended.as_ref()?;
        (response.body == Body::Empty {}).then_some(data)
    }

    /// The promise that its answer says is not there.
    pub(super) fn missed(&self) -> Option<&Id> {
        let response = match self.ended.as_ref() {
            Some((_, response)) => match &response.body {
                Body::Fenced { action, .. } => &*action.response,
                _ => response,
            },
            None => return None,
        };
        match &self.request {
            _ if response.status != Status::NotFound => None,
            Request::PromiseGet(data) => Some(&data.id),
            Request::PromiseSettle(data) => Some(&data.id),
            Request::PromiseRegisterListener(data) => Some(&data.awaited),
            Request::PromiseRegisterCallback(data) => Some(&data.awaited),
            _ => None,
        }
    }
}
