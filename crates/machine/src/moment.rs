use std::sync::Arc;

use abide_protocol::{Body, Id, Millis, PromiseRecord, PromiseState, Response, Status, TaskRecord};

use crate::{Config, Effect, Outcome, Phase, Promise, Row, Task, View, projection, promise_at};

/// Where a step stands: the pre-state, seen at one time.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) view: &'a dyn View,
    pub(crate) now: Millis,
    pub(crate) config: &'a Config,
}

/// How a request goes: it changes something and is answered, or a guard refuses it.
pub(crate) type Verdict = Result<Outcome, Response>;

/// A promise as stored and as it is.
pub(crate) struct PromiseNow<'a> {
    /// As stored.
    pub(crate) row: &'a Arc<Promise>,
    /// As it is.
    pub(crate) record: Arc<PromiseRecord>,
}

/// A task that exists, and what its promise makes of it.
pub(crate) struct TaskNow<'a> {
    /// As stored.
    pub(crate) row: &'a Arc<Task>,
    /// Its promise.
    pub(crate) promise: PromiseNow<'a>,
}

impl<'a> Moment<'a> {
    /// The promise, if there is one.
    pub(crate) fn promise(&self, id: &Id) -> Option<PromiseNow<'a>> {
        let row = self.view.promise(id)?;
        Some(PromiseNow { row, record: promise_at(&row.record, self.now) })
    }

    /// The promise, or the answer that there is none.
    pub(crate) fn need_promise(&self, id: &Id) -> Result<PromiseNow<'a>, Response> {
        self.promise(id)
            .ok_or_else(|| Response::error(Status::NotFound, format!("there is no promise {id:?}")))
    }

    /// The task, if there is one.
    pub(crate) fn task(&self, id: &Id) -> Option<TaskNow<'a>> {
        let row = self.view.task(id)?;
        let promise = self.promise(id).expect("a task is stored with its promise");
        Some(TaskNow { row, promise })
    }

    /// The task, or the answer that there is none.
    pub(crate) fn need_task(&self, id: &Id) -> Result<TaskNow<'a>, Response> {
        self.task(id)
            .ok_or_else(|| Response::error(Status::NotFound, format!("there is no task {id:?}")))
    }

    /// The task if it is held at this version, or the answer that it is not.
    pub(crate) fn need_held(&self, id: &Id, version: i64) -> Result<TaskNow<'a>, Response> {
        let task = self.need_task(id)?;
        let live = task.is_live() || fault!(HeldPastDeadline);
        let held = matches!(task.row.phase, Phase::Acquired { .. }) || fault!(HeldByNobody);
        if !live || !held {
            return Err(task.conflict("it is not acquired"));
        }
        if task.row.version != version && !fault!(MissingFence) {
            return Err(task.conflict(&format!("it is not held at version {version}")));
        }
        Ok(task)
    }

    /// The end of a span that starts now.
    pub(crate) fn after(&self, span: Millis) -> Millis {
        self.now.saturating_add(span)
    }

    /// The phase of a task that is held from now on.
    pub(crate) fn held(&self, pid: &str, ttl: Millis) -> Phase {
        fault!(LeaseHalved => return Phase::Acquired { pid: pid.into(), ttl, expires: self.after(ttl / 2) });
        Phase::Acquired { pid: pid.into(), ttl, expires: self.after(ttl) }
    }

    /// Has a task wait for a worker and offers it to one.
    pub(crate) fn dispatch(&self, task: Task, effects: &mut Vec<Effect>) {
        let due = self.after(self.config.retry_interval);
        let due = if fault!(RetryIgnored) { self.now } else { due };
        let execute = Effect::Execute {
            address: task.address.clone(),
            id: task.id.clone(),
            version: task.version,
        };
        let task = Task { phase: Phase::Pending { due, offered: true }, ..task };
        effects.push(put_task(task));
        fault!(OfferUnsent => return);
        effects.push(execute);
    }

    /// Writes a promise whose record is settled now, and fulfils its task in the same step.
    pub(crate) fn settle(&self, mut promise: Promise, effects: &mut Vec<Effect>) {
        debug_assert!(!promise.record.is_pending());
        let canceled = promise.record.state == PromiseState::RejectedCanceled;
        promise.cascading = canceled && self.config.extensions.cancel();
        fault!(CascadeForgotten => promise.cascading = false);
        fault!(GrandchildrenForgotten => promise.cascading &= promise.record.tags.owner().is_none());
        if promise.record.tags.target().is_some() {
            let task = self.view.task(&promise.record.id);
            let task = task.expect("a targeted promise is stored with its task");
            if task.phase != Phase::Fulfilled && !fault!(TaskLeftBehind) {
                effects.push(put_task(projection::fulfilled(task)));
            }
        }
        effects.push(put_promise(promise));
    }
}

impl TaskNow<'_> {
    /// Whether the promise is pending, so that the task is what is stored.
    pub(crate) fn is_live(&self) -> bool {
        self.promise.record.is_pending()
    }

    /// The task as it is, for the wire.
    pub(crate) fn record(&self) -> TaskRecord {
        if self.is_live() { self.row.record() } else { projection::fulfilled(self.row).record() }
    }

    /// The answer that the task is not in the state that the request needs.
    pub(crate) fn conflict(&self, reason: &str) -> Response {
        let record = self.record();
        Response::error(
            Status::Conflict,
            format!(
                "the task {:?} is {} at version {}: {reason}",
                &*record.id,
                record.state.as_str(),
                record.version
            ),
        )
    }

    /// The task as stored, to be changed.
    pub(crate) fn to_task(&self) -> Task {
        Task::clone(self.row)
    }
}

/// The write of a promise.
pub(crate) fn put_promise(promise: Promise) -> Effect {
    Effect::Put(Row::Promise(Arc::new(promise)))
}

/// The write of a task.
pub(crate) fn put_task(task: Task) -> Effect {
    Effect::Put(Row::Task(Arc::new(task)))
}

/// A 200 with this body and these changes.
pub(crate) fn done(body: Body, effects: Vec<Effect>) -> Verdict {
    Ok(Outcome { response: Some(Response::ok(body)), effects, told: None })
}

/// A 200 with this body that changes nothing.
pub(crate) fn unchanged(body: Body) -> Verdict {
    done(body, Vec::new())
}
