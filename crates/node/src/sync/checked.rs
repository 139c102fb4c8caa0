//! Those of the checker: one thread at a time runs, and which one goes on at each of them is
//! decided by a seed. Time stands still unless a test lets it pass.

mod bug;
mod channels;
mod clock;

use std::{sync::PoisonError, time::Duration};

pub(crate) use shuttle::future::yield_now;
use shuttle::rand::{Rng, thread_rng};
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};
pub use shuttle::thread;

pub(crate) use bug::is_planted;
pub(crate) use bug::planted;
pub use bug::{Bug, plant};
pub(crate) use channels::{Notify, mpsc, oneshot};
pub(crate) use clock::{begun, now, steady};
pub use clock::{pass, set_now};

/// What tells tasks apart.
pub(crate) type TaskId = u8;

/// The task that runs: by chance the same as before, or another one.
pub(crate) fn task() -> Option<TaskId> {
    Some(thread_rng().gen_range(0..2))
}

/// Waits for a future on this thread, but not longer than so long.
pub(crate) fn wait_for<T>(span: Duration, future: impl Future<Output = T>) -> Option<T> {
    shuttle::future::block_on(clock::timeout(span, future))
}

/// Waits for so long, or until the condition no longer holds. What others do in the meantime is for
/// the checker to choose.
pub(crate) fn wait_while<T>(
    mutex: &Mutex<T>,
    _: &Condvar,
    _: Duration,
    mut condition: impl FnMut(&mut T) -> bool,
) {
    while condition(&mut mutex.lock().unwrap_or_else(PoisonError::into_inner)) {
        if thread_rng().gen_range(0..2) == 0 {
            return;
        }
        thread::yield_now();
    }
}

/// Measures how long something takes: not at all, or long.
pub(crate) struct Instant;

impl Instant {
    pub(crate) fn now() -> Self {
        Instant
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_secs(thread_rng().gen_range(0..2))
    }
}
