//! Watching promises while the execution runs: what is settled elsewhere must not wait for it to
//! be suspended.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Id, PromiseRecord, RegisterListener, Request, tag};
use futures_util::FutureExt;

use super::{Done, Driver, outgoing::About, perform::find};
use crate::{
    clock,
    core::{event::Event, intent::Op},
    time, wire,
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
        if !promise.is_pending() {
            return;
        }
        let timer = promise.tags.is_timer();
        let earlier = promise.timeout_at < self.held.timeout_at;
        if !timer && !earlier && self.deadlines.is_empty() {
            return;
        }
        let Some(scope) = self.execution.id_of(op.scope) else { return };
        let local = promise.tags.get(tag::SCOPE) == Some("local");
        let earlier = promise.timeout_at < self.deadline(&scope);
        // All else that ends by its deadline is told of like any other settlement.
        let ends_here = local && earlier;
        if !timer && !ends_here {
            return;
        }
        let id: Arc<str> = promise.id.as_str().into();
        self.deadlines.insert(id.clone(), promise.timeout_at);
        if local {
            self.awaits.add(op, &id, Some(promise.timeout_at));
            self.awaits.watch(&id);
        }
    }

    /// Takes in what is newly awaited, and lets go of what is not any more.
    pub(super) fn adopt(&mut self) {
        for (op, id) in self.execution.newly_awaited() {
            let deadline = self.deadlines.get(&id).copied();
            self.awaits.add(op, &id, deadline);
        }
        let execution = &self.execution;
        let gone = self.awaits.prune(|op| execution.awaits(op) || execution.runs(op));
        for (id, listened) in gone {
            self.unknow(&id, listened);
        }
    }

    /// Forgets all that nobody awaits any more. Says whether there was any.
    pub(super) fn sift(&mut self) -> bool {
        let execution = &self.execution;
        let gone = self.awaits.sift(|op| execution.awaits(op) || execution.runs(op));
        for (id, listened) in &gone {
            self.unknow(id, *listened);
        }
        !gone.is_empty()
    }

    /// Has everything watched that is awaited and not executed here.
    pub(super) fn watch(&mut self) {
        self.adopt();
        if self.execution.is_busy() {
            self.listen(PAUSE);
        }
    }

    /// Has everything listened to that is awaited, after a pause.
    pub(super) fn listen(&mut self, pause: Duration) {
        let unheard = self.awaits.take_unheard();
        if unheard.is_empty() {
            return;
        }
        if pause.is_zero() {
            return self.register(unheard);
        }
        self.ops.push(time::sleep(pause).map(|()| Done::Unheard(unheard)).boxed());
    }

    /// Registers with the engine as a listener to those of these that are not settled yet.
    pub(super) fn register(&mut self, unheard: Vec<Arc<str>>) {
        for id in unheard {
            if self.awaits.op(&id).is_none() {
                continue;
            }
            let awaited = Id::from(&*id);
            self.worker.listen_for(&awaited, &self.held.id);
            let listener = RegisterListener { awaited, address: self.worker.own_address() };
            self.send(Request::PromiseRegisterListener(listener), About::Listen);
        }
    }

    /// Looks at what should be settled by now.
    pub(super) fn look_at_due(&mut self) {
        for (op, id) in self.awaits.take_due(clock::now()) {
            let worker = self.worker.clone();
            let looking = async move {
                loop {
                    let Some(promise) = find(&worker, &id).await else { return Done::Nothing };
                    if let Some(outcome) = wire::outcome(&worker.settings.layers, &promise) {
                        return Done::Arrived { op, id, outcome };
                    }
                    time::sleep(AGAIN).await;
                }
            };
            self.ops.push(looking.boxed());
        }
    }

    /// A promise was told of. If it is settled, and awaited here, that is news.
    pub(super) fn arrived(&mut self, promise: &Arc<PromiseRecord>) -> bool {
        let Some(op) = self.awaits.op(&promise.id) else { return false };
        let Some(outcome) = wire::outcome(&self.held.layers, promise) else { return false };
        self.forget(&promise.id);
        self.execution.handle(Event::Arrived { op, outcome });
        true
    }

    /// A promise is settled: nothing more is to be heard of it.
    pub(super) fn forget(&mut self, id: &str) {
        let listened = self.awaits.remove(id).is_some_and(|(_, listened)| listened);
        self.unknow(id, listened);
    }

    fn unknow(&mut self, id: &str, listened: bool) {
        if !self.deadlines.is_empty() {
            self.deadlines.remove(id);
        }
        if listened {
            self.worker.hear_no_more(&Id::from(id), &self.held.id);
        }
    }
}
