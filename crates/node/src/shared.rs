use std::sync::{Arc, PoisonError, TryLockError};

use crate::{
    config::Config,
    state::State,
    sync::{self, Condvar, Mutex, MutexGuard, Notify},
};

/// How often a caller gives way to others while somebody has the state.
const GIVES_WAY: usize = 4;

/// What everybody who has to do with a node shares.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) config: Config,
    /// Wakes the writer: there is something to write, to open again or to end.
    pub(crate) writer: Condvar,
    /// Wakes the timer: it is to ring earlier, or to end.
    pub(crate) timer: Notify,
    /// Tells that the node is closed.
    pub(crate) closed: Notify,
}

impl Shared {
    /// Builds what is shared around a state that knows it.
    pub(crate) fn new(config: Config, state: impl FnOnce() -> State) -> Arc<Self> {
        Arc::new_cyclic(|shared| {
            let mut state = state();
            state.shared = shared.clone();
            Shared {
                state: Mutex::new(state),
                config,
                writer: Condvar::new(),
                timer: Notify::new(),
                closed: Notify::new(),
            }
        })
    }

    /// Keeps the writer waiting for so long, or until the condition no longer holds.
    pub(crate) fn wait_while(
        &self,
        pause: std::time::Duration,
        condition: impl FnMut(&mut State) -> bool,
    ) {
        sync::wait_while(&self.state, &self.writer, pause, condition);
    }

    /// Lets other tasks have the thread for a moment while somebody has the state. To wait for the
    /// lock instead would put the thread to sleep, and to wake it again takes about ten times as long
    /// as the state is mostly had.
    pub(crate) async fn give_way(&self) {
        for _ in 0..GIVES_WAY {
            let had = matches!(self.state.try_lock(), Err(TryLockError::WouldBlock));
            if !had {
                return;
            }
            sync::yield_now().await;
        }
    }

    /// The state. Whoever has panicked with the lock has not left the shard in between: that is
    /// guarded against where the shard is called.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
