//! Results that somebody in this process waits for, outside of any execution.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use abide_protocol::{Id, PromiseRecord, RegisterListener, Request, Status};
use tokio::sync::oneshot;

use super::{Worker, patience::refused};
use crate::{
    core::outcome::Outcome,
    error::{Error, Result},
    task, wire,
};

/// When a listener is registered anew, in case the engine lost its data. The pauses double, up to
/// the longest: who has waited for hours can wait for one more.
const AGAIN: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3_600);

/// The same where messages are pushed: another process may answer at the same address, and get it.
const AGAIN_IF_PUSHED: Duration = Duration::from_secs(5);

/// Those who wait, by promise.
#[derive(Default)]
pub(super) struct Table(HashMap<Id, Waiting>);

#[derive(Default)]
struct Waiting {
    waiters: Vec<oneshot::Sender<Result<Outcome>>>,
    listening: bool,
}

impl Table {
    /// Whether somebody waits and nobody has told the engine yet; it is taken as told now.
    fn listen(&mut self, id: &Id) -> bool {
        let Some(waiting) = self.0.get_mut(id) else { return false };
        !std::mem::replace(&mut waiting.listening, true)
    }

    fn is_awaited(&mut self, id: &Id) -> bool {
        let Some(waiting) = self.0.get_mut(id) else { return false };
        waiting.waiters.retain(|waiter| !waiter.is_closed());
        let awaited = !waiting.waiters.is_empty();
        if !awaited {
            self.0.remove(id);
        }
        awaited
    }

    fn tell(&mut self, id: &Id, result: &Result<Outcome>) {
        for waiter in self.0.remove(id).into_iter().flat_map(|waiting| waiting.waiters) {
            // Whoever has stopped waiting needs no answer.
            let _ = waiter.send(result.clone());
        }
    }
}

#[cfg(test)]
impl Table {
    /// Whether nobody waits. Who has stopped waiting is only noticed when one looks.
    pub(super) fn is_empty(&mut self) -> bool {
        let ids: Vec<_> = self.0.keys().cloned().collect();
        ids.iter().all(|id| !self.is_awaited(id))
    }
}

impl Worker {
    /// Whether somebody here waits for a promise, an execution or another.
    #[cfg(feature = "http")]
    pub(super) fn is_awaited(&self, id: &Id) -> bool {
        let mut state = self.state();
        state.waiters.is_awaited(id) || state.running.is_listened_to(id)
    }

    /// Waits until a promise is settled.
    pub(crate) async fn wait(self: &Arc<Self>, id: &Id) -> Result<Outcome> {
        let (sender, receiver) = oneshot::channel();
        self.add_waiter(id, sender);
        receiver.await.unwrap_or_else(|_| Err(Error::unavailable("this process has closed Abide")))
    }

    fn add_waiter(self: &Arc<Self>, id: &Id, waiter: oneshot::Sender<Result<Outcome>>) {
        let mut state = self.state();
        if state.stopped {
            return;
        }
        state.waiters.0.entry(id.clone()).or_default().waiters.push(waiter);
        let running = state.running.is_running(id);
        drop(state);
        if !running {
            self.listen(id);
        }
    }

    /// Asks the engine to tell when a promise is settled, if somebody here waits for it. What runs
    /// here tells by itself, without a request.
    pub(crate) fn listen(self: &Arc<Self>, id: &Id) {
        if self.state().waiters.listen(id) {
            let (worker, id) = (Arc::downgrade(self), id.clone());
            task::spawn(listen(worker, id));
        }
    }

    /// Tells those who wait for a promise how it ended.
    pub(crate) fn tell(&self, id: &Id, result: Result<Outcome>) {
        self.state().waiters.tell(id, &result);
    }

    /// A promise is settled: somebody here may wait for it, or an execution.
    pub(super) fn settled(&self, promise: &Arc<PromiseRecord>) {
        if let Some(outcome) = wire::outcome(&self.settings.layers, promise) {
            let mut state = self.state();
            state.waiters.tell(&promise.id, &Ok(outcome));
            state.running.settled(promise);
        }
    }
}

async fn listen(worker: Weak<Worker>, id: Id) {
    let mut pause = AGAIN;
    loop {
        let Some(worker) = worker.upgrade() else { return };
        if !worker.state().waiters.is_awaited(&id) {
            return;
        }
        let address = worker.own_address();
        let listener = RegisterListener { awaited: id.clone(), address };
        let request = Request::PromiseRegisterListener(listener);
        match worker.call(request, Duration::MAX).await {
            Ok(answer) if answer.response.status == Status::Ok => {
                if let Some(promise) = answer.response.promise() {
                    worker.settled(promise);
                }
            }
            Ok(answer) => return worker.tell(&id, Err(refused(&answer.response).of(&id))),
            Err(lost) => return worker.tell(&id, Err(lost.0.of(&id))),
        }
        let longest = if worker.settings.address.is_some() { AGAIN_IF_PUSHED } else { LONGEST };
        drop(worker);
        tokio::time::sleep(pause.min(longest)).await;
        pause = (2 * pause).min(longest);
    }
}
