//! Messages: tasks that are offered, promises that are settled.

use std::sync::{Arc, Weak};

use abide_client::Messages;
use abide_protocol::{Id, Message};
use tokio::sync::OwnedSemaphorePermit;

use super::{Permit, Worker};
use crate::task;

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

/// Acquires what is offered, as soon as there is room.
pub(super) async fn acquire(worker: Weak<Worker>) {
    loop {
        let Some((permits, offered)) =
            worker.upgrade().map(|worker| (worker.permits.clone(), worker.offered.clone()))
        else {
            return;
        };
        offered.notified().await;
        loop {
            // Without room, the worker is being closed.
            let Ok(room) = permits.clone().acquire_owned().await else { return };
            let Some(worker) = worker.upgrade() else { return };
            if !worker.acquire_next(room) {
                break;
            }
        }
    }
}

/// A task that is being acquired, until this is dropped.
pub(super) struct Acquiring {
    worker: Arc<Worker>,
    id: Id,
}

impl Acquiring {
    pub(super) fn new(worker: &Arc<Worker>, id: Id) -> Self {
        Self { worker: worker.clone(), id }
    }
}

impl Drop for Acquiring {
    fn drop(&mut self) {
        self.worker.state().running.offers.acquired(&self.id);
    }
}

impl Worker {
    fn offered(&self, id: Id, version: i64) {
        let mut state = self.state();
        if !state.closing && state.running.offered(id, version) {
            drop(state);
            self.offered.notify_one();
        }
    }

    /// Acquires the first of the offered tasks; false if there is none.
    fn acquire_next(self: &Arc<Self>, room: OwnedSemaphorePermit) -> bool {
        let Some((id, version)) = self.state().running.offers.next() else { return false };
        let acquiring = Acquiring::new(self, id.clone());
        let worker = self.clone();
        task::spawn(async move {
            let acquired = worker.acquire(&id, version, Permit::new(Some(room))).await;
            if let Err(why) = acquired {
                tracing::debug!(%id, version, "an offered task is not taken: {why}");
            }
            drop(acquiring);
        });
        true
    }
}
