//! Messages: tasks that are offered, promises that are settled.

use std::sync::{Arc, Weak};

use abide_client::Messages;
use abide_protocol::{Id, Message};

use super::{Permit, Worker, running::Offer};
use crate::task;

/// Tasks that are being acquired, or wait until the worker has room. Further ones are left to
/// others; the engine offers them again.
const ACQUIRING: usize = 1_024;

/// Takes messages until there are no more.
pub(super) async fn receive(worker: Weak<Worker>, mut messages: Messages) {
    while let Some(message) = messages.next().await {
        let Some(worker) = worker.upgrade() else { return };
        match message {
            Message::Execute { id, version } => worker.offered(id, version),
            Message::Unblock { promise } => worker.settled(&promise),
        }
    }
}

/// A task that is being acquired, until this is dropped.
pub(super) struct Acquiring {
    worker: Arc<Worker>,
    id: Id,
}

impl Drop for Acquiring {
    fn drop(&mut self) {
        self.worker.state().running.acquired(&self.id);
    }
}

impl Worker {
    fn offered(self: &Arc<Self>, id: Id, version: i64) {
        let Ok(acquiring) = self.acquiring(&id, version) else { return };
        let worker = self.clone();
        task::spawn(async move {
            // Without room, the worker is being closed.
            if let Ok(room) = worker.permits.clone().acquire_owned().await {
                let acquired = worker.acquire(&id, version, Permit::new(Some(room))).await;
                if let Err(why) = acquired {
                    tracing::debug!(%id, version, "an offered task is not taken: {why}");
                }
            }
            drop(acquiring);
        });
    }

    /// Notes that a task is being acquired, if there is reason and room to.
    pub(super) fn acquiring(self: &Arc<Self>, id: &Id, version: i64) -> Result<Acquiring, Offer> {
        let mut state = self.state();
        let offer =
            if state.closing { Offer::Full } else { state.running.offered(id, version, ACQUIRING) };
        match offer {
            Offer::Take => Ok(Acquiring { worker: self.clone(), id: id.clone() }),
            other => Err(other),
        }
    }
}
