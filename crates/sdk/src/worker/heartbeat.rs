//! Heartbeats: one request for all the tasks that are held, and a look at each of them.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use abide_client::Backoff;
use abide_protocol::{Id, Leased, Request, Status, TaskHeartbeat};
use futures_util::{StreamExt, stream};

use super::{Moment, Worker, lease::Lease, verify::Ownership};
use crate::time::{self, sleep_until, timeout};

/// The pauses between the attempts of one heartbeat. They grow to the period of the heartbeats,
/// and no further: a lease outlasts two of those.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How many tasks are looked at at one time.
const LOOKS: usize = 16;

/// A task that is held.
pub(super) struct Held {
    pub(super) id: Id,
    pub(super) version: i64,
    pub(super) lease: Arc<Lease>,
}

/// Renews the leases for as long as the worker lives.
pub(super) async fn renew(worker: Weak<Worker>) {
    let Some((period, busy)) = worker.upgrade().map(|worker| {
        let busy = worker.state().running.busy();
        (worker.settings.heartbeat, busy)
    }) else {
        return;
    };
    let mut backoff = Backoff::new(FIRST_PAUSE.min(period), period);
    let mut next = time::instant() + period;
    loop {
        sleep_until(next).await;
        let begun = time::instant();
        let Some(worker) = worker.upgrade() else { return };
        if worker.state().running.held().next().is_none() {
            drop(worker);
            // Whoever holds nothing does nothing. What it will hold then has a whole lease left.
            busy.notified().await;
            next = time::instant() + period;
            continue;
        }
        next = match worker.beat().await {
            Ok(doubtful) => {
                backoff.reset();
                // Looking must not keep the next heartbeat from being sent.
                let _ = timeout(period, worker.look(doubtful)).await;
                begun + period
            }
            Err(why) => {
                tracing::warn!("a heartbeat failed, it is tried again: {why}");
                time::instant() + backoff.pause()
            }
        };
    }
}

impl Worker {
    /// Sends one heartbeat for all tasks that are held, and gives them back to be looked at.
    async fn beat(&self) -> Result<Vec<(Held, Moment)>, String> {
        let mut held: Vec<_> = self.state().running.held().collect();
        // In an order that does not change from run to run, for simulations.
        held.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        // An empty list would mean all that this process ever held.
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let tasks = held.iter().map(|held| Leased { id: held.id.clone(), version: held.version });
        let tasks = tasks.collect();
        let heartbeat = TaskHeartbeat { pid: self.pid.clone(), tasks };
        let sent = Moment::now();
        let answer = self.link.call(Request::TaskHeartbeat(heartbeat));
        // Waiting longer for this answer would be longer than for the next one.
        let answer = timeout(self.settings.heartbeat, answer).await;
        let response = answer.map_err(|_| "no answer in time".to_owned())?;
        let response = response.map_err(|error| error.to_string())?;
        if response.status != Status::Ok {
            return Err(response.message().unwrap_or_default().to_owned());
        }
        for Held { lease, .. } in &held {
            // Only a lease that had not run out before the answer came was certainly renewed.
            if lease.is_sure() {
                lease.renew(sent);
            }
        }
        Ok(held.into_iter().map(|held| (held, sent)).collect())
    }

    /// Looks whether these tasks are still ours. The answer to a heartbeat does not say so, and an
    /// execution that makes no requests would not hear that it was canceled, or lost.
    async fn look(&self, held: Vec<(Held, Moment)>) {
        let looks = held.into_iter().map(|(held, sent)| async move {
            match self.ownership(&held.id, held.version, self.settings.heartbeat).await {
                Ok(Ownership::Ours) => held.lease.renew(sent),
                Ok(Ownership::Lost(why)) => {
                    self.state().running.lost(&held.id, held.version, why);
                }
                // Suspended just now, or out of reach.
                Ok(Ownership::Suspended) | Err(_) => {}
            }
        });
        stream::iter(looks).buffer_unordered(LOOKS).for_each(|()| async {}).await;
    }
}
