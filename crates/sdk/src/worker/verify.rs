//! Whether a task is still ours.

use std::time::Duration;

use abide_protocol::{Id, Leased, Request, Status, TaskGet, TaskHeartbeat, TaskState};

use super::{Lost, Worker, lease::Lease};
use crate::error::Error;

/// What the engine says of a task that we held.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// It is held by this process, at this version.
    Ours,
    /// It was suspended at this version, and nobody has acquired it since.
    Suspended,
    /// It is not ours any more, and why.
    Lost(&'static str),
}

impl Worker {
    /// Makes sure that a task is ours whose lease may have run out: this process was stopped, or
    /// the engine was out of reach, for which there is no limit, since nobody else gets the task
    /// meanwhile.
    ///
    /// # Errors
    /// Why it is not ours.
    pub(crate) async fn verify(&self, id: &Id, version: i64, lease: &Lease) -> Result<(), String> {
        let lost = |Lost(error): Lost| error.to_string();
        let tasks = vec![Leased { id: id.clone(), version }];
        let heartbeat = TaskHeartbeat { pid: self.pid.clone(), tasks };
        let request = Request::TaskHeartbeat(heartbeat);
        let renewed = self.call(request, Duration::MAX).await.map_err(lost)?;
        match self.ownership(id, version, Duration::MAX).await.map_err(|e| e.to_string())? {
            Ownership::Ours => {
                lease.renew(renewed.sent);
                Ok(())
            }
            Ownership::Suspended => Ok(()),
            Ownership::Lost(why) => Err(why.to_owned()),
        }
    }

    /// Asks the engine whose a task is.
    pub(super) async fn ownership(
        &self,
        id: &Id,
        version: i64,
        patience: Duration,
    ) -> Result<Ownership, Error> {
        let request = Request::TaskGet(TaskGet { id: id.clone() });
        let response = self.call(request, patience).await.map_err(|Lost(error)| error)?.response;
        let Some(task) = response.task() else {
            return match response.status {
                Status::NotFound => Ok(Ownership::Lost("the task is gone")),
                _ => Err(super::refused(&response)),
            };
        };
        Ok(match task.state {
            TaskState::Acquired if task.version == version && self.is_ours(task) => Ownership::Ours,
            TaskState::Suspended if task.version == version => Ownership::Suspended,
            TaskState::Fulfilled => Ownership::Lost("its promise was settled elsewhere"),
            TaskState::Halted => Ownership::Lost("it was halted"),
            _ => Ownership::Lost("the lease is over"),
        })
    }
}
