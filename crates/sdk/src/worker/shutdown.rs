//! Closing: no new work, what runs is finished, what cannot be is given back.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Request, TaskRelease};
use tokio::time::Instant;

use super::Worker;

/// How often a closing worker looks whether it is done.
const LOOK: Duration = Duration::from_millis(20);

impl Worker {
    /// Takes no more tasks, waits for those that run for `grace` at most, and gives back the rest.
    pub(crate) async fn close(self: &Arc<Self>, grace: Duration) {
        self.state().closing = true;
        let started = Instant::now();
        while started.elapsed() < grace && self.state().running.held().next().is_some() {
            tokio::time::sleep(LOOK).await;
        }
        let held: Vec<_> = {
            let mut state = self.state();
            let held = state.running.held().map(|(id, version)| (id.clone(), version)).collect();
            state.running.clear();
            held
        };
        for (id, version) in held {
            let release = Request::TaskRelease(TaskRelease { id, version });
            // If this fails, the lease runs out.
            let _ = self.call(release, Duration::ZERO).await;
        }
        self.stop();
    }

    /// Stops everything at once, as a crash would.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.closing = true;
        state.running.clear();
        state.waiters = Default::default();
        drop(state);
        for task in self.background.get().into_iter().flatten() {
            task.abort();
        }
    }
}
