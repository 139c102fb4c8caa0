//! A process as a worker: the tasks it holds, the messages it gets, the results it waits for.

mod acquire;
mod claim;
mod heartbeat;
mod hold;
mod inbox;
mod lease;
mod listening;
mod offers;
mod parked;
mod patience;
mod permit;
#[cfg(feature = "http")]
mod pushed;
mod running;
mod shutdown;
mod travel;
mod verify;
mod waiters;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicBool};

use abide_client::Link;
use abide_protocol::Id;
use tokio::sync::{Notify, Semaphore};

pub(crate) use claim::Claim;
pub(crate) use lease::{Lease, Moment};
pub(crate) use patience::{Answer, Lost, refused};
pub(crate) use permit::Permit;
#[cfg(feature = "http")]
pub(crate) use pushed::Pushed;
pub(crate) use running::Note;
pub(crate) use travel::{Answers, Travel};

use crate::{
    address,
    hash::HashMap,
    settings::Settings,
    task::{self, AbortHandle},
};

/// A worker. All its tasks end when the last handle on it is dropped.
pub(crate) struct Worker {
    pub(crate) link: Arc<dyn Link>,
    pub(crate) settings: Settings,
    /// The name of this process within its group.
    pub(crate) pid: String,
    permits: Arc<Semaphore>,
    /// Something was offered.
    offered: Arc<Notify>,
    state: Mutex<State>,
    /// Whether executions are to stop at their next step.
    leaving: AtomicBool,
    background: OnceLock<Background>,
}

/// The tasks that go on for as long as the worker lives.
struct Background {
    /// Read the messages and acquire what is offered; nobody does if they are pushed.
    inbox: Option<[AbortHandle; 2]>,
    heart: AbortHandle,
}

#[derive(Default)]
struct State {
    running: running::Table,
    waiters: waiters::Table,
    /// Tasks that are held until they are given back, since their function is not known here.
    unknown: HashMap<Id, i64>,
    /// No more work is taken.
    closing: bool,
    /// Nothing at all is done any more.
    stopped: bool,
}

impl Worker {
    /// A worker that does nothing yet.
    pub(crate) fn new(link: Arc<dyn Link>, mut settings: Settings) -> Arc<Self> {
        if let Err(error) = settings.ready() {
            // Nothing is sent to it but the results that it waits for.
            settings.group = format!("{}.clients", settings.group);
            tracing::info!(group = settings.group, "this process executes nothing: {error}");
        }
        Arc::new(Self {
            link,
            pid: format!("{:016x}", fastrand::u64(..)),
            permits: Arc::new(Semaphore::new(settings.concurrency)),
            offered: Arc::default(),
            settings,
            state: Mutex::default(),
            leaving: AtomicBool::new(false),
            background: OnceLock::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where messages for this very process go.
    pub(crate) fn own_address(&self) -> String {
        let pushed = self.settings.address.clone();
        pushed.unwrap_or_else(|| address::member(&self.settings.group, &self.pid))
    }

    /// Where executions go that this process starts: to itself while it lives.
    pub(crate) fn home_address(&self) -> String {
        let pushed = self.settings.address.clone();
        pushed.unwrap_or_else(|| address::preferred(&self.settings.group, &self.pid))
    }

    /// Joins its group, once: from now on messages arrive and leases are renewed.
    pub(crate) fn connect(self: &Arc<Self>) {
        self.background.get_or_init(|| {
            let inbox = self.settings.address.is_none().then(|| {
                let messages = self.link.connect(&self.settings.group, &self.pid);
                let receiving = task::spawn(inbox::receive(Arc::downgrade(self), messages));
                let acquiring = task::spawn(inbox::acquire(Arc::downgrade(self)));
                [receiving, acquiring]
            });
            let heart = task::spawn(heartbeat::renew(Arc::downgrade(self)));
            Background { inbox, heart }
        });
    }
}

impl Worker {
    /// Leaves its group: no more messages arrive.
    fn disconnect(&self) {
        let inbox = self.background.get().and_then(|tasks| tasks.inbox.as_ref());
        inbox.into_iter().flatten().for_each(AbortHandle::abort);
    }

    /// Ends what goes on in the background.
    fn still(&self) {
        self.disconnect();
        if let Some(Background { heart, .. }) = self.background.get() {
            heart.abort();
        }
    }

    /// Whether nothing at all is remembered of anything.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.state();
        state.running.is_empty() && state.waiters.is_empty() && state.unknown.is_empty()
    }

    /// Whether it takes no more work.
    pub(crate) fn is_closing(&self) -> bool {
        self.state().closing
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.still();
    }
}
