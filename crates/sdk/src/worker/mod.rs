//! A process as a worker: the tasks it holds, the messages it gets, the results it waits for.

mod claim;
mod hold;
mod inbox;
mod lease;
mod patience;
mod running;
mod shutdown;
mod waiters;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use abide_client::Link;
use tokio::{sync::Semaphore, task::AbortHandle};

pub(crate) use patience::{Answer, Lost, refused};
pub(crate) use running::Note;

use crate::{address, settings::Settings, task};

/// A worker. All its tasks end when the last handle on it is dropped.
pub(crate) struct Worker {
    pub(crate) link: Arc<dyn Link>,
    /// Whether requests take effect in the order in which they are made.
    pub(crate) ordered: bool,
    pub(crate) settings: Settings,
    /// The name of this process within its group.
    pub(crate) pid: String,
    permits: Arc<Semaphore>,
    state: Mutex<State>,
    background: OnceLock<[AbortHandle; 2]>,
}

#[derive(Default)]
struct State {
    running: running::Table,
    waiters: waiters::Table,
    closing: bool,
}

impl Worker {
    /// A worker that does nothing yet.
    pub(crate) fn new(link: Arc<dyn Link>, ordered: bool, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            link,
            ordered,
            pid: format!("{:016x}", fastrand::u64(..)),
            permits: Arc::new(Semaphore::new(settings.concurrency)),
            settings,
            state: Mutex::default(),
            background: OnceLock::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where messages for this very process go.
    pub(crate) fn own_address(&self) -> String {
        address::member(&self.settings.group, &self.pid)
    }

    /// Where executions go that this process starts: to itself while it lives.
    pub(crate) fn home_address(&self) -> String {
        address::preferred(&self.settings.group, &self.pid)
    }

    /// Joins its group, once: from now on messages arrive and leases are renewed.
    pub(crate) fn connect(self: &Arc<Self>) {
        self.background.get_or_init(|| {
            let messages = self.link.connect(&self.settings.group, &self.pid);
            let inbox = task::spawn(inbox::receive(Arc::downgrade(self), messages));
            let lease = task::spawn(lease::renew(Arc::downgrade(self)));
            [inbox.abort_handle(), lease.abort_handle()]
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for task in self.background.get().into_iter().flatten() {
            task.abort();
        }
    }
}
