//! What a driver tells its worker.

use std::sync::Arc;

use abide_protocol::Id;
use tokio::sync::mpsc;

use super::{Lease, Note, Worker, parked::Budget};
use crate::task::AbortHandle;

impl Worker {
    /// An execution begins here, at this version of its task; false if it has already.
    pub(crate) fn begin(
        &self,
        id: &Id,
        version: i64,
        lease: Arc<Lease>,
        notes: mpsc::UnboundedSender<Note>,
    ) -> bool {
        self.state().running.begin(id, version, lease, notes)
    }

    /// The task that drives it, to stop it by.
    pub(crate) fn driven_by(&self, id: &Id, version: i64, task: AbortHandle) {
        self.state().running.driven_by(id, version, task);
    }

    /// It is suspended, and stays in memory while there is room for as many bytes.
    pub(crate) fn park(self: &Arc<Self>, id: &Id, version: i64, bytes: usize) {
        let (executions, budget) = (self.settings.warm, self.settings.warm_bytes);
        let budget = Budget { executions, bytes: budget };
        self.state().running.park(id, version, bytes, budget);
        self.listen(id);
    }

    /// It is over here.
    pub(crate) fn end(&self, id: &Id, version: i64) {
        self.state().running.end(id, version);
    }

    /// It wants to be told when a promise is settled.
    pub(crate) fn listen_for(&self, promise: &Id, task: &Id) {
        self.state().running.listen(promise, task);
    }

    /// It has heard of a promise in another way.
    pub(crate) fn hear_no_more(&self, promise: &Id, task: &Id) {
        self.state().running.hear_no_more(promise, task);
    }
}
