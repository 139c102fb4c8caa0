//! What the properties of steps ask of a transition.

use std::sync::Arc;

use abide_protocol::{
    FenceAction, Id, PromiseCreate, PromiseSettle, Request, Response, Status, TaskReclaim,
};

use super::Transition;
use crate::{Effect, Internal, Phase, Promise, Row, Schedule, Step, Task, is_live};

/// A record before and after a step.
pub(super) type Pair<'a, T> = (Option<&'a Arc<T>>, Option<&'a Arc<T>>);

impl<'a> Transition<'a> {
    /// The promises that are not what they were.
    pub(super) fn promises(&self) -> impl Iterator<Item = Pair<'a, Promise>> + '_ {
        let promise = |row: Option<&'a Row>| match row {
            Some(Row::Promise(promise)) => Some(promise),
            _ => None,
        };
        let pairs = self.changed().iter().map(move |it| (promise(it.before), promise(it.after)));
        pairs.filter(|(before, after)| before.is_some() || after.is_some())
    }

    /// The tasks that are not what they were.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Pair<'a, Task>> + '_ {
        let task = |row: Option<&'a Row>| match row {
            Some(Row::Task(task)) => Some(task),
            _ => None,
        };
        let pairs = self.changed().iter().map(move |it| (task(it.before), task(it.after)));
        pairs.filter(|(before, after)| before.is_some() || after.is_some())
    }

    /// The schedules that are not what they were.
    pub(super) fn schedules(&self) -> impl Iterator<Item = Pair<'a, Schedule>> + '_ {
        let schedule = |row: Option<&'a Row>| match row {
            Some(Row::Schedule(schedule)) => Some(schedule),
            _ => None,
        };
        let pairs = self.changed().iter().map(move |it| (schedule(it.before), schedule(it.after)));
        pairs.filter(|(before, after)| before.is_some() || after.is_some())
    }

    /// The promises that are there before and after, and are not what they were.
    pub(super) fn kept_promises(
        &self,
    ) -> impl Iterator<Item = (&'a Arc<Promise>, &'a Arc<Promise>)> + '_ {
        self.promises().filter_map(|(before, after)| Some((before?, after?)))
    }

    /// The tasks that are there before and after, and are not what they were.
    pub(super) fn kept_tasks(&self) -> impl Iterator<Item = (&'a Arc<Task>, &'a Arc<Task>)> + '_ {
        self.tasks().filter_map(|(before, after)| Some((before?, after?)))
    }

    /// The promises that were not there before.
    pub(super) fn born_promises(&self) -> impl Iterator<Item = &'a Arc<Promise>> + '_ {
        self.promises().filter_map(|(before, after)| after.filter(|_| before.is_none()))
    }

    /// The tasks that were not there before.
    pub(super) fn born_tasks(&self) -> impl Iterator<Item = &'a Arc<Task>> + '_ {
        self.tasks().filter_map(|(before, after)| after.filter(|_| before.is_none()))
    }

    /// The promises that are gone.
    pub(super) fn gone_promises(&self) -> impl Iterator<Item = &'a Arc<Promise>> + '_ {
        self.promises().filter_map(|(before, after)| before.filter(|_| after.is_none()))
    }

    /// The request, if the step is one.
    pub(super) fn request(&self) -> Option<&'a Request> {
        match self.step {
            Step::Request(request) => Some(request),
            Step::Reclaim(_) | Step::Internal(_) => None,
        }
    }

    /// The step of the machine itself, if it is one.
    pub(super) fn internal(&self) -> Option<&'a Internal> {
        match self.step {
            Step::Internal(internal) => Some(internal),
            Step::Request(_) | Step::Reclaim(_) => None,
        }
    }

    /// The reclamation, if the step is one.
    pub(super) fn reclaim(&self) -> Option<&'a TaskReclaim> {
        match self.step {
            Step::Reclaim(data) => Some(data),
            Step::Request(_) | Step::Internal(_) => None,
        }
    }

    /// The status of the answer, if the request was one that could be carried out.
    pub(super) fn status(&self) -> Option<Status> {
        let response = self.outcome.response.as_ref()?;
        let carried_out = !matches!(response.status, Status::BadRequest | Status::NotImplemented);
        carried_out.then_some(response.status)
    }

    /// Whether the request was granted.
    pub(super) fn is_granted(&self) -> bool {
        self.status().is_some_and(|status| status < Status::BadRequest)
    }

    /// The answer to the creation or the settlement that the step asks for: the one inside, if it
    /// is fenced.
    pub(super) fn answer(&self) -> Option<&'a Response> {
        let response = self.outcome.response.as_ref()?;
        match &response.body {
            abide_protocol::Body::Fenced { action, .. } => Some(&action.response),
            _ => Some(response),
        }
    }

    /// The promise that the step asks to create, if it was not refused.
    pub(super) fn creates(&self) -> Option<&'a PromiseCreate> {
        let granted = self.answer().is_some_and(|answer| answer.status < Status::BadRequest);
        match self.request()? {
            Request::PromiseCreate(data) => Some(data),
            Request::TaskCreate(data) => Some(&data.action.create),
            Request::TaskFence(data) => match &data.action {
                FenceAction::Create(action) => Some(&action.create),
                FenceAction::Record(action) => Some(&action.create),
                FenceAction::Settle(_) => None,
            },
            _ => None,
        }
        .filter(|_| granted)
    }

    /// The promise that the step asks to settle, if it was not refused.
    pub(super) fn settles(&self) -> Option<&'a PromiseSettle> {
        let granted = self.answer().is_some_and(|answer| answer.status < Status::BadRequest);
        match self.request()? {
            Request::PromiseSettle(data) => Some(data),
            Request::TaskFulfill(data) => Some(&data.action.settle),
            Request::TaskFence(data) => match &data.action {
                FenceAction::Settle(action) => Some(&action.settle),
                FenceAction::Record(action) => Some(&action.settle),
                FenceAction::Create(_) => None,
            },
            _ => None,
        }
        .filter(|_| granted)
    }

    /// The task that the step acquires if it can, with the process and the lease that it asks for.
    pub(super) fn claims(&self) -> Option<(&'a Id, &'a str, i64)> {
        match self.request()? {
            Request::TaskAcquire(data) => Some((&data.id, &data.pid, data.ttl)),
            Request::TaskCreate(data) => Some((&data.action.create.id, &data.pid, data.ttl)),
            _ => None,
        }
    }

    /// The claim that the step needs.
    pub(super) fn needs_claim(&self) -> Option<(&'a Id, i64)> {
        match self.step {
            Step::Request(Request::TaskFence(data)) => Some((&data.id, data.version)),
            Step::Request(Request::TaskSuspend(data)) => Some((&data.id, data.version)),
            Step::Request(Request::TaskFulfill(data)) => Some((&data.id, data.version)),
            Step::Request(Request::TaskRelease(data)) => Some((&data.id, data.version)),
            Step::Reclaim(data) => Some((&data.id, data.version)),
            _ => None,
        }
    }

    /// Whether the promise is pending when the step is taken.
    pub(super) fn was_live(&self, id: &Id) -> bool {
        self.before.promise(id).is_some_and(|promise| is_live(&promise.record, self.now))
    }

    /// Whether the task is held at this version when the step is taken.
    pub(super) fn was_held(&self, id: &Id, version: i64) -> bool {
        let held = self.before.task(id).is_some_and(|task| {
            matches!(task.phase, Phase::Acquired { .. }) && task.version == version
        });
        held && self.was_live(id)
    }

    /// The messages that the step has sent: address, task, version.
    pub(super) fn executes(&self) -> impl Iterator<Item = (&'a Arc<str>, &'a Id, i64)> + '_ {
        self.outcome.effects.iter().filter_map(|effect| match effect {
            Effect::Execute { address, id, version } => Some((address, id, *version)),
            Effect::Put(_) | Effect::Delete(_) => None,
        })
    }

    /// The phase of a task that is offered now.
    pub(super) fn offered_now(&self) -> Phase {
        let due = self.now.saturating_add(self.before.config().retry_interval);
        Phase::Pending { due, offered: true }
    }
}
