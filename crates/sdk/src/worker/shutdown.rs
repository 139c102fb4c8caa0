//! Closing: no new work, what runs is finished, what cannot be is given back.

use std::{future::Future, pin::pin, sync::Arc, sync::atomic::Ordering, time::Duration};

use abide_protocol::{Id, Request, TaskRelease};
use futures_util::{StreamExt, stream};

use super::Worker;
use crate::time::{self, since, sleep, timeout};

/// How often a closing worker looks whether it is done.
const LOOK: Duration = Duration::from_millis(20);

/// How long running executions may go on to their end. After that they stop at their next step:
/// by then, waiting costs more than having another process replay them.
const FINISH: Duration = Duration::from_secs(1);

/// How often an operator is told what is being waited for, and how many ids that are named.
const TELL: Duration = Duration::from_secs(5);
const NAMED: usize = 10;

/// How long giving back may take, and how many tasks are given back at one time. What is not given
/// back in time goes to others when its lease is over.
const GIVE_BACK: Duration = Duration::from_secs(2);
const GIVEN_BACK_AT_ONCE: usize = 16;

impl Worker {
    /// Takes no more tasks, waits for those that run for `grace` at most, or until `hurry` is over,
    /// and gives back the rest.
    pub(crate) async fn close(self: &Arc<Self>, grace: Duration, hurry: impl Future<Output = ()>) {
        {
            let mut state = self.state();
            state.closing = true;
            state.running.drop_parked();
            state.running.offers.forget_waiting();
        }
        // Whoever waits for room waits in vain.
        self.permits.close();
        // The engine sends new work to others now. What runs needs no messages to be finished.
        self.disconnect();
        let mut drained = pin!(self.drain(grace));
        tokio::select! {
            () = &mut drained => {}
            () = hurry => tracing::warn!("asked again to end: not waiting any longer"),
        }
        self.give_back_all().await;
        self.stop();
    }

    /// Waits until nothing runs here any more.
    async fn drain(&self, grace: Duration) {
        let begun = time::instant();
        let mut tell = begun;
        while since(begun) < grace {
            let ids: Vec<_> = {
                let state = self.state();
                if state.running.is_idle() {
                    return;
                }
                state.running.held().map(|held| held.id.to_string()).collect()
            };
            if since(begun) >= FINISH && !self.leaving.swap(true, Ordering::Relaxed) {
                tracing::info!(executions = ids.len(), "what still runs stops at its next step");
            }
            if since(tell) >= TELL || tell == begun {
                tell = time::instant();
                let (named, left) = (ids[..ids.len().min(NAMED)].join(", "), grace - since(begun));
                tracing::info!(executions = ids.len(), for_at_most = ?left, "waiting for {named}");
            }
            sleep(LOOK).await;
        }
    }

    async fn give_back_all(&self) {
        let tasks: Vec<(Id, i64)> = {
            let mut state = self.state();
            let mut tasks: Vec<_> =
                state.running.held().map(|held| (held.id, held.version)).collect();
            tasks.extend(state.unknown.drain());
            state.running.clear();
            tasks
        };
        if tasks.is_empty() {
            return;
        }
        tracing::info!(executions = tasks.len(), "giving back what could not be finished");
        let released = stream::iter(tasks)
            .map(|(id, version)| self.release(id, version, Duration::ZERO))
            .buffer_unordered(GIVEN_BACK_AT_ONCE)
            .for_each(|()| async {});
        // If this fails, the leases run out.
        let _ = timeout(GIVE_BACK, released).await;
    }

    /// Gives a task back. If this fails, its lease runs out.
    pub(crate) async fn release(&self, id: Id, version: i64, patience: Duration) {
        let release = Request::TaskRelease(TaskRelease { id, version });
        let _ = self.call(release, patience).await;
    }

    /// Whether executions are to stop at their next step, since the process is about to end.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Stops everything at once, as a crash would.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        (state.closing, state.stopped) = (true, true);
        state.running.clear();
        state.unknown.clear();
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        drop(waiters);
        self.permits.close();
        self.still();
    }
}
