//! Results that somebody in this process waits for, outside of any execution.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use abide_protocol::{Id, PromiseRecord, RegisterListener, Request, Status};
use tokio::sync::oneshot;

use super::{Worker, patience::refused};
use crate::{
    core::outcome::Outcome,
    error::{Error, Result},
    hash::HashMap,
    task::{self, AbortHandle},
    time, wire,
};

/// When a listener is registered anew, in case the engine lost its data. The pauses double: nobody
/// waits for more than twice as long as would have been enough.
const AGAIN: Duration = Duration::from_secs(60);

/// The same where messages are pushed: another process may answer at the same address, and get it.
const AGAIN_IF_PUSHED: Duration = Duration::from_secs(5);

/// Those who wait, by promise.
#[derive(Default)]
pub(super) struct Table {
    waiting: HashMap<Id, Waiting>,
    next: u64,
}

/// Those who wait for one promise.
#[derive(Default)]
struct Waiting {
    waiters: HashMap<u64, oneshot::Sender<Result<Outcome>>>,
    /// The task that has asked the engine to tell.
    listener: Option<AbortHandle>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Table {
    fn add(&mut self, id: &Id, waiter: oneshot::Sender<Result<Outcome>>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.entry(id.clone()).or_default().waiters.insert(number, waiter);
        number
    }

    fn remove(&mut self, id: &Id, number: u64) {
        if let Some(waiting) = self.waiting.get_mut(id) {
            waiting.waiters.remove(&number);
            if waiting.waiters.is_empty() {
                self.waiting.remove(id);
            }
        }
    }

    fn is_awaited(&self, id: &Id) -> bool {
        self.waiting.contains_key(id)
    }

    fn tell(&mut self, id: &Id, result: &Result<Outcome>) {
        let Some(mut waiting) = self.waiting.remove(id) else { return };
        for (_, waiter) in waiting.waiters.drain() {
            // Whoever has stopped waiting needs no answer.
            let _ = waiter.send(result.clone());
        }
    }

    /// Whether nobody waits.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Somebody who waits, until this is dropped.
struct Waiter<'a> {
    worker: &'a Worker,
    id: &'a Id,
    number: u64,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.worker.state().waiters.remove(self.id, self.number);
    }
}

impl Worker {
    /// Whether somebody here waits for a promise, an execution or another.
    #[cfg(feature = "http")]
    pub(super) fn is_awaited(&self, id: &Id) -> bool {
        let state = self.state();
        state.waiters.is_awaited(id) || state.running.is_listened_to(id)
    }

    /// Waits until a promise is settled.
    pub(crate) async fn wait(self: &Arc<Self>, id: &Id) -> Result<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let _waiter = self.add_waiter(id, sender);
        receiver.await.unwrap_or_else(|_| Err(Error::unavailable("this process has closed Abide")))
    }

    fn add_waiter<'a>(
        self: &'a Arc<Self>,
        id: &'a Id,
        waiter: oneshot::Sender<Result<Outcome>>,
    ) -> Option<Waiter<'a>> {
        let mut state = self.state();
        if state.stopped {
            return None;
        }
        let number = state.waiters.add(id, waiter);
        let running = state.running.is_running(id);
        drop(state);
        if !running {
            self.listen(id);
        }
        Some(Waiter { worker: self, id, number })
    }

    /// Asks the engine to tell when a promise is settled, if somebody here waits for it. What runs
    /// here tells by itself, without a request.
    pub(crate) fn listen(self: &Arc<Self>, id: &Id) {
        let mut state = self.state();
        let Some(waiting) = state.waiters.waiting.get_mut(id) else { return };
        if waiting.listener.is_none() {
            let listening = task::spawn(listen(Arc::downgrade(self), id.clone()));
            waiting.listener = Some(listening);
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
        let longest =
            if worker.settings.address.is_some() { AGAIN_IF_PUSHED } else { Duration::MAX };
        drop(worker);
        time::sleep(pause.min(longest)).await;
        pause = pause.saturating_mul(2).min(longest);
    }
}
