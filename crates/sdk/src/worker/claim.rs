//! Tasks that are ours after we asked for them.

use std::sync::Arc;

use abide_protocol::{
    Body, Id, PromiseGet, PromiseRecord, Request, Status, TaskGet, TaskRecord, TaskState,
};

use super::{Answer, Moment, Worker};

/// A task that this process holds.
pub(crate) struct Claim {
    pub(crate) task: TaskRecord,
    pub(crate) promise: Arc<PromiseRecord>,
    /// When the lease began, at the earliest.
    pub(crate) since: Moment,
}

impl Worker {
    /// The task and its promise, if the answer says that this process holds it. If an earlier
    /// attempt may have acquired it and its answer was lost, this asks, rather than have everybody
    /// wait until the lease is over.
    pub(crate) async fn claimed(&self, id: &Id, answer: Answer) -> Option<Claim> {
        let Answer { sent, begun, .. } = answer;
        match (answer.response.status, answer.response.body) {
            (Status::Ok, Body::Claim { task, promise, .. }) => {
                self.is_ours(&task).then_some(Claim { task, promise, since: sent })
            }
            (Status::Conflict, _) if answer.repeated => {
                let request = Request::TaskGet(TaskGet { id: id.clone() });
                let answer = self.call(request, self.settings.lease).await.ok()?;
                let task = answer.response.task()?.clone();
                if !self.is_ours(&task) || self.state().running.is_running(id) {
                    return None;
                }
                let request = Request::PromiseGet(PromiseGet { id: id.clone() });
                let answer = self.call(request, self.settings.lease).await.ok()?;
                let promise = answer.response.promise()?.clone();
                Some(Claim { task, promise, since: begun })
            }
            _ => None,
        }
    }

    /// Whether this process holds it.
    pub(super) fn is_ours(&self, task: &TaskRecord) -> bool {
        task.state == TaskState::Acquired && task.pid.as_ref() == Some(&self.pid)
    }
}
