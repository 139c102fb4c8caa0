//! Tasks that are ours after we asked for them.

use std::sync::Arc;

use abide_protocol::{
    Body, Id, PromiseGet, PromiseRecord, Request, Status, TaskAcquire, TaskGet, TaskRecord,
    TaskState,
};
use futures_util::FutureExt;

use super::{Answer, Answers, Lost, Moment, Worker};
use crate::clock;

/// A task that this process holds.
pub(crate) struct Claim {
    pub(crate) task: TaskRecord,
    pub(crate) promise: Arc<PromiseRecord>,
    /// When the lease began, at the earliest.
    pub(crate) since: Moment,
    /// Whether nobody can have written a record below it: it was acquired for the first time, and
    /// nobody in this process can have been told so before.
    pub(crate) fresh: bool,
}

impl Worker {
    /// Asks for a task, and which promises have woken it instead of all that are in its branch: a
    /// replay loads its records anyway, all of them. If the execution is in memory here, those that
    /// have woken it are given if the engine tells of all.
    pub(super) async fn ask_for(
        &self,
        id: &Id,
        version: i64,
    ) -> Result<(Answer, Option<Vec<Arc<PromiseRecord>>>), Lost> {
        let acquire = |resumed| {
            let (id, pid) = (id.clone(), self.pid.clone());
            let ttl = clock::span(self.settings.lease);
            Request::TaskAcquire(TaskAcquire { id, version, pid, ttl, resumed })
        };
        let warm = self.state().running.holds(id);
        if self.link.extensions().resumed() {
            // In a group, since an engine that does not know this would not say so elsewhere.
            let answers = self.group(vec![acquire(true)], self.settings.lease).await?;
            let Answers { responses, repeated, sent, begun } = answers;
            let answer = responses.into_iter().next();
            let answer = answer.map(|response| Answer { response, repeated, sent, begun });
            if let Some(answer) = answer.filter(|a| a.response.status != Status::NotImplemented) {
                let told = match &answer.response.body {
                    Body::Claim { preload, more: false, .. } if warm => Some(preload.clone()),
                    _ => None,
                };
                return Ok((answer, told.filter(|told| !told.is_empty())));
            }
        }
        Ok((self.call(acquire(false), self.settings.lease).await?, None))
    }

    /// The task and its promise, if the answer says that this process holds it. If an earlier
    /// attempt may have acquired it and its answer was lost, this asks, rather than have everybody
    /// wait until the lease is over.
    pub(crate) async fn claimed(&self, id: &Id, answer: Answer) -> Option<Claim> {
        let Answer { sent, begun, repeated, .. } = answer;
        match (answer.response.status, answer.response.body) {
            (Status::Ok, Body::Claim { task, promise, .. }) => {
                let fresh = task.version == 1 && !repeated;
                self.is_ours(&task).then_some(Claim { task, promise, since: sent, fresh })
            }
            (Status::Conflict, _) if repeated => self.claimed_before(id, begun).boxed().await,
            _ => None,
        }
    }

    /// The same for a task that an attempt may have acquired whose answer was lost.
    async fn claimed_before(&self, id: &Id, since: Moment) -> Option<Claim> {
        let request = Request::TaskGet(TaskGet { id: id.clone() });
        let answer = self.call(request, self.settings.lease).await.ok()?;
        let task = answer.response.task()?.clone();
        if !self.is_ours(&task) || self.state().running.is_running(id) {
            return None;
        }
        let request = Request::PromiseGet(PromiseGet { id: id.clone() });
        let answer = self.call(request, self.settings.lease).await.ok()?;
        let promise = answer.response.promise()?.clone();
        Some(Claim { task, promise, since, fresh: false })
    }

    /// Whether this process holds it.
    pub(super) fn is_ours(&self, task: &TaskRecord) -> bool {
        task.state == TaskState::Acquired && task.pid.as_ref() == Some(&self.pid)
    }
}
