//! Carrying out what the core wants.

use std::sync::Arc;

use abide_protocol::{
    PromiseGet, PromiseRecord, Request, SettleState, Status, TaskHalt, TaskReclaim, limit,
};

use futures_util::{FutureExt, future::BoxFuture};

use super::{Driver, End, outgoing::About};
use crate::{
    clock, codec,
    core::{
        ask::{Ask, Kind},
        event::Event,
        fault::Fault,
        intent::{Cancel, Create, Intent},
        outcome::Outcome,
        wake::ScopeKey,
    },
    error::Error,
    wire,
    worker::{Lost, Travel, Worker},
};

impl Driver {
    /// Carries out an intent, or sets about it. What has to wait for the engine is given back: a
    /// future of some kilobytes, which is not made, and moved about, for all the others.
    pub(super) fn perform(&mut self, intent: Intent) -> Option<BoxFuture<'_, Option<End>>> {
        match intent {
            Intent::Create(create) => self.create(create),
            Intent::Settle { op, id, outcome } => {
                let settle = wire::settle(&self.held.layers, id.clone().into(), &outcome);
                let sent = settle.value.clone();
                let done = settle.state != SettleState::RejectedCanceled;
                match done.then(|| self.unsent_creation(op)).flatten() {
                    Some(create) => {
                        let request = self.held.record(create, settle);
                        self.send(request, About::Record { op, id, outcome, sent });
                    }
                    None => {
                        let request = self.held.settle(settle);
                        self.send(request, About::Settle { op, id, outcome, sent });
                    }
                }
            }
            Intent::Cancel(cancel) => self.cancel(cancel),
            Intent::Load { scope, id } => self.load(scope, id),
            Intent::Retry { scope, ask, attempt, outcome } => {
                self.retry(scope, &ask, attempt, &outcome);
            }
            Intent::Reclaim { ids } => self.reclaim(&ids),
            Intent::Suspend => return Some(self.suspend().boxed()),
            Intent::Complete { outcome } => return Some(self.complete(outcome).map(Some).boxed()),
            Intent::Stop(fault) => return Some(self.halt(fault).map(Some).boxed()),
        }
        None
    }

    fn create(&mut self, create: Create) {
        let latest = match create.ask.kind {
            Kind::Detached => clock::FOREVER,
            _ => self.deadline(&create.parent),
        };
        let timeout_at = wire::deadline(create.ask.options.deadline, latest);
        if timeout_at < latest && create.ask.kind.is_local() {
            // Its body may start, and ask for children, before the answer comes.
            self.deadlines.insert(create.id.clone(), timeout_at);
        }
        let home = || self.worker.home_address();
        let request = self.held.create(&create, timeout_at, home);
        self.send(request, About::Create { op: create.op, id: create.id });
    }

    fn cancel(&mut self, cancel: Cancel) {
        let request = self.held.cancel(&cancel);
        self.send(request, About::Cancel { op: cancel.op, id: cancel.id });
    }

    /// An attempt failed: there is another one after a pause, unless the policy or the deadline says
    /// no.
    fn retry(&mut self, scope: ScopeKey, ask: &Ask, attempt: u32, outcome: &Outcome) {
        let id = self.execution.id_of(scope).unwrap_or_default();
        let policy = ask.options.retry.unwrap_or_default();
        let error: Error = match outcome {
            Outcome::Rejected(payload) => codec::decode_error(payload, &id),
            _ => codec::decode_error(&None, &id),
        };
        let pause = policy
            .pause(attempt, &error)
            .filter(|pause| clock::now().saturating_add(clock::span(*pause)) < self.deadline(&id));
        let Some(pause) = pause else {
            tracing::warn!(%id, func = %ask.func, attempt, %error, "failed for good");
            return self.execution.handle(Event::GiveUp { scope });
        };
        tracing::warn!(%id, func = %ask.func, attempt, %error, again_in = ?pause, "failed");
        let at = clock::now().saturating_add(clock::span(pause));
        self.execution.handle(Event::Retry { scope, at });
    }

    /// Nobody will ask for these again.
    fn reclaim(&mut self, ids: &[Arc<str>]) {
        for id in ids {
            self.forget(id);
        }
        if self.travel == Travel::Alone || !self.worker.link.extensions().reclaim() {
            return;
        }
        for ids in ids.chunks(limit::RECLAIMED) {
            let promises = ids.iter().map(|id| (&**id).into()).collect();
            let (id, version) = (self.held.id.clone(), self.held.version);
            let request = Request::TaskReclaim(TaskReclaim { id, version, promises });
            self.send(request, About::Reclaim);
        }
    }

    /// Records the execution's own result.
    async fn complete(&mut self, outcome: Outcome) -> End {
        let settle = wire::settle(&self.held.layers, self.held.id.clone(), &outcome);
        let sent = settle.value.clone();
        let request = self.held.fulfill(settle);
        let answer = self.worker.call(request, self.worker.settings.lease).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(Lost(error)) => return End::Lost(error.to_string()),
        };
        match (answer.response.status, answer.response.promise()) {
            (Status::Ok, Some(promise)) => {
                End::Settled(wire::settled(&self.held.layers, promise, &sent, outcome))
            }
            // An attempt whose answer was lost may have done it.
            (Status::Conflict, _) => {
                let promise = find(&self.worker, &self.held.id).boxed().await;
                match promise.and_then(|promise| wire::outcome(&self.held.layers, &promise)) {
                    Some(outcome) => End::Settled(outcome),
                    None => End::Lost("the lease is over".to_owned()),
                }
            }
            (Status::NotFound, _) => End::Lost("the task is gone".to_owned()),
            _ => {
                let why = answer.response.message().unwrap_or_default().to_owned();
                self.halt(Fault::Refused { at: self.held.id.to_string(), why }).boxed().await
            }
        }
    }

    /// Halts the task: nothing is overwritten, and after a fix it is continued.
    async fn halt(&mut self, fault: Fault) -> End {
        let request = Request::TaskHalt(TaskHalt { id: self.held.id.clone() });
        // If this fails, the task is offered again when its lease is over, and halted then.
        let _ = self.worker.call(request, self.worker.settings.lease).await;
        End::Halted(Error::from(fault).of(&self.held.id))
    }
}

/// A promise, if there is one and the engine answers.
pub(super) async fn find(worker: &Worker, id: &str) -> Option<Arc<PromiseRecord>> {
    let request = Request::PromiseGet(PromiseGet { id: id.into() });
    let answer = worker.call(request, worker.settings.lease).await.ok()?;
    answer.response.promise().cloned()
}
