//! Watching promises while the execution runs: what is settled elsewhere must not wait for it to
//! be suspended.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Millis, PromiseGet, PromiseRecord, RegisterListener, Request};
use futures_util::FutureExt;

use super::{Done, Driver, perform::PATIENCE};
use crate::{
    clock,
    core::{event::Event, intent::Op},
    wire,
    worker::Worker,
};

/// How long a running execution waits before it has promises watched. Most are suspended on, or
/// have something to do, before that, and then no request is needed.
const PAUSE: Duration = Duration::from_millis(20);

/// How long after a deadline the engine is asked again whether it has struck: its clock may be
/// behind.
const AGAIN: Duration = Duration::from_millis(20);

impl Driver {
    /// Notes what a promise of this execution says about deadlines.
    pub(super) fn know(&mut self, op: Op, promise: &Arc<PromiseRecord>) {
        let Some(scope) = self.execution.id_of(op.scope) else { return };
        if !promise.is_pending() {
            return;
        }
        let id: Arc<str> = promise.id.as_str().into();
        let timer = promise.tags.is_timer();
        if !timer && promise.timeout_at >= self.deadline(&scope) {
            return;
        }
        self.deadlines.insert(id.clone(), promise.timeout_at);
        let local = promise.tags.get(abide_protocol::tag::SCOPE) == Some("local");
        if local && self.watched.insert(id.clone()) {
            self.watch_deadline(op, id, promise.timeout_at);
        }
    }

    /// Has everything watched that is awaited and not executed here.
    pub(super) fn watch(&mut self) {
        let elsewhere = self.execution.queue().elsewhere();
        if !self.execution.is_busy() || self.looked_at == elsewhere {
            return;
        }
        self.looked_at = elsewhere;
        for (op, id) in self.execution.awaited() {
            if !self.watched.insert(id.clone()) {
                continue;
            }
            match self.deadlines.get(&id) {
                Some(deadline) => self.watch_deadline(op, id, *deadline),
                None => self.listen(op, id),
            }
        }
    }

    fn watch_deadline(&mut self, op: Op, id: Arc<str>, deadline: Millis) {
        let worker = self.worker.clone();
        let done = async move {
            tokio::time::sleep(clock::until(deadline)).await;
            loop {
                let request = Request::PromiseGet(PromiseGet { id: (&*id).into() });
                let Ok(answer) = worker.call(request, PATIENCE).await else {
                    return Done::Nothing;
                };
                let promise = answer.response.promise();
                if let Some(outcome) =
                    promise.and_then(|promise| wire::outcome(&worker.settings.layers, promise))
                {
                    return Done::Event(Event::Arrived { op, outcome });
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        self.ops.push(done.boxed());
    }

    fn listen(&mut self, op: Op, id: Arc<str>) {
        let worker = self.worker.clone();
        let promise = abide_protocol::Id::from(&*id);
        self.told.insert(promise.clone(), op);
        worker.listen_for(&promise, &self.held.id);
        let done = async move {
            tokio::time::sleep(PAUSE).await;
            register(&worker, op, promise).await
        };
        self.ops.push(done.boxed());
    }
}

async fn register(worker: &Worker, op: Op, awaited: abide_protocol::Id) -> Done {
    let listener = RegisterListener { awaited, address: worker.own_address() };
    let request = Request::PromiseRegisterListener(listener);
    let Ok(answer) = worker.call(request, PATIENCE).await else { return Done::Nothing };
    let outcome = |promise| wire::outcome(&worker.settings.layers, promise);
    match answer.response.promise().and_then(|promise| outcome(promise)) {
        Some(outcome) => Done::Event(Event::Arrived { op, outcome }),
        None => Done::Nothing,
    }
}
