//! Carrying out what the core wants.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Body, PromiseGet, PromiseRecord, Request, Status, TaskHalt};
use futures_util::FutureExt;

use super::{Done, Driver, End};
use crate::{
    clock, codec,
    core::{
        ask::{Ask, Kind},
        event::Event,
        fault::Fault,
        intent::{Cancel, Create, Intent, Op},
        outcome::Outcome,
        wake::ScopeKey,
    },
    error::Error,
    wire,
    worker::{Answer, Lost, Worker},
};

impl Driver {
    /// Carries out an intent, or sets about it.
    pub(super) async fn perform(&mut self, intent: Intent) -> Option<End> {
        match intent {
            Intent::Create(create) => self.create(create),
            Intent::Settle { op, id, outcome } => self.settle(op, &id, &outcome),
            Intent::Cancel(cancel) => self.cancel(&cancel),
            Intent::Load { scope, id } => self.load(scope, id),
            Intent::Retry { scope, ask, attempt, outcome } => {
                self.retry(scope, &ask, attempt, &outcome);
            }
            Intent::Reclaim { ids } => self.reclaim(&ids),
            Intent::Suspend { on } => return self.suspend(on).await,
            Intent::Complete { outcome } => return Some(self.complete(&outcome).await),
            Intent::Stop(fault) => return Some(self.halt(fault).await),
        }
        None
    }

    fn create(&mut self, create: Create) {
        let latest = match create.ask.kind {
            Kind::Detached => clock::FOREVER,
            _ => self.deadline(&create.parent),
        };
        let timeout_at = wire::deadline(create.ask.options.deadline, latest);
        if timeout_at < latest {
            // Its body may start, and ask for children, before the answer comes.
            self.deadlines.insert(create.id.clone(), timeout_at);
        }
        let request = self.held.create(&create, timeout_at, &self.worker.home_address());
        let (op, id) = (create.op, create.id);
        let answer = self.worker.call(request, self.worker.settings.lease);
        let done = answer.map(move |answer| match fenced(answer, &id) {
            Ok(promise) => Done::Created { op, promise },
            Err(done) => done,
        });
        self.ops.push(done.boxed());
    }

    fn cancel(&mut self, cancel: &Cancel) {
        let request = self.held.cancel(cancel);
        let (op, id) = (cancel.op, cancel.id.clone());
        let answer = self.worker.call(request, self.worker.settings.lease);
        let worker = self.worker.clone();
        let done = async move {
            match fenced(answer.await, &id) {
                Ok(promise) => match worker.sweep(&promise).await {
                    Ok(()) => Done::Event(Event::Canceled { op }),
                    Err(error) => Done::Lost(error.to_string()),
                },
                Err(done) => done,
            }
        };
        self.ops.push(done.boxed());
    }

    fn settle(&mut self, op: Op, id: &Arc<str>, outcome: &Outcome) {
        let request = self.held.settle(id, outcome);
        let (id, outcome, layers) = (id.clone(), outcome.clone(), self.held.layers.clone());
        let answer = self.worker.call(request, self.worker.settings.lease);
        let done = answer.map(move |answer| match fenced(answer, &id) {
            Ok(promise) => {
                let outcome = wire::outcome(&layers, &promise).unwrap_or(outcome);
                Done::Event(Event::Settled { op, outcome })
            }
            Err(done) => done,
        });
        self.ops.push(done.boxed());
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
            self.deadlines.remove(id);
            self.watched.remove(id);
        }
    }

    /// Records the execution's own result.
    async fn complete(&mut self, outcome: &Outcome) -> End {
        let request = self.held.fulfill(outcome);
        let answer = self.worker.call(request, self.worker.settings.lease).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(Lost(error)) => return End::Lost(error.to_string()),
        };
        match (answer.response.status, answer.response.promise()) {
            (Status::Ok, Some(promise)) => {
                let settled = wire::outcome(&self.held.layers, promise);
                End::Settled(settled.unwrap_or_else(|| outcome.clone()))
            }
            // An attempt whose answer was lost may have done it.
            (Status::Conflict, _) => match get(&self.worker, &self.held.id).await {
                Some(outcome) => End::Settled(outcome),
                None => End::Lost("the lease is over".to_owned()),
            },
            (Status::NotFound, _) => End::Lost("the task is gone".to_owned()),
            _ => {
                let why = answer.response.message().unwrap_or_default().to_owned();
                self.halt(Fault::Refused { at: self.held.id.to_string(), why }).await
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

/// How a promise ended, if it did and the engine answers.
pub(super) async fn get(worker: &Worker, id: &str) -> Option<Outcome> {
    let request = Request::PromiseGet(PromiseGet { id: id.into() });
    let answer = worker.call(request, worker.settings.lease).await.ok()?;
    wire::outcome(&worker.settings.layers, answer.response.promise()?)
}

/// The promise in the answer to a fence.
fn fenced(answer: Result<Answer, Lost>, id: &str) -> Result<Arc<PromiseRecord>, Done> {
    let response = answer.map_err(|Lost(error)| Done::Lost(error.to_string()))?.response;
    let refused = |why: &str| Done::Refused { at: id.to_owned(), why: why.to_owned() };
    match response.status {
        Status::Ok => {}
        Status::Conflict | Status::NotFound => {
            return Err(Done::Lost("the lease is over".to_owned()));
        }
        _ => return Err(refused(response.message().unwrap_or_default())),
    }
    match response.body {
        Body::Fenced { action, .. } => match action.response.promise() {
            Some(promise) => Ok(promise.clone()),
            None => Err(refused(action.response.message().unwrap_or_default())),
        },
        _ => Err(refused("the answer to a fence is something else")),
    }
}

/// How long a single look at a promise waits for an engine that is out of reach.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
