use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::{Id, Millis, PromiseCreate, PromiseRecord, PromiseState, Tags, Value};

use crate::{
    Effect, Phase, Promise, Task,
    moment::{Moment, put_promise, put_task},
    verdict,
};

/// A promise that does not exist yet.
pub(crate) struct Draft {
    pub(crate) id: Id,
    pub(crate) timeout_at: Millis,
    pub(crate) created_at: Millis,
    pub(crate) param: Arc<Value>,
    pub(crate) tags: Arc<Tags>,
}

impl Draft {
    /// What a client asks for, created now: at its deadline if that has passed.
    pub(crate) fn requested(data: &PromiseCreate, now: Millis) -> Self {
        Draft {
            id: data.id.clone(),
            timeout_at: data.timeout_at,
            created_at: now.min(data.timeout_at),
            param: data.param.clone(),
            tags: data.tags.clone(),
        }
    }

    /// The record: pending, or settled already if its deadline has passed.
    pub(crate) fn record(self, now: Millis) -> Arc<PromiseRecord> {
        let live = self.timeout_at > now || fault!(BornPending);
        Arc::new(PromiseRecord {
            state: if live { PromiseState::Pending } else { verdict(&self.tags) },
            settled_at: if live { None } else { Some(self.timeout_at) },
            id: self.id,
            param: self.param,
            value: Arc::default(),
            tags: self.tags,
            timeout_at: self.timeout_at,
            created_at: self.created_at,
        })
    }
}

/// Writes a new promise, and its task if it is targeted: dispatched now or at its delay, or
/// fulfilled already if the promise is.
pub(crate) fn birth(at: &Moment, draft: Draft, effects: &mut Vec<Effect>) -> Arc<PromiseRecord> {
    let record = draft.record(at.now);
    effects.push(put_promise(fresh(&record)));
    if let Some(task) = unborn_task(&record) {
        match record.tags.delay() {
            _ if !record.is_pending() => effects.push(put_task(task)),
            Some(due) if due > at.now && !fault!(DelayIgnored) => {
                effects
                    .push(put_task(Task { phase: Phase::Pending { due, offered: false }, ..task }));
            }
            _ => at.dispatch(task, effects),
        }
    }
    record
}

/// The stored form of a new promise: nobody waits for it yet.
pub(crate) fn fresh(record: &Arc<PromiseRecord>) -> Promise {
    Promise {
        record: record.clone(),
        awaiters: BTreeSet::new(),
        listeners: BTreeSet::new(),
        unheard: BTreeSet::new(),
        cascading: false,
    }
}

/// The task of a new promise, if it is targeted: at version 0, its phase still to be chosen.
pub(crate) fn unborn_task(record: &PromiseRecord) -> Option<Task> {
    Some(Task {
        id: record.id.clone(),
        address: record.tags.target()?.into(),
        version: 0,
        resumes: 0,
        resumed: Vec::new(),
        phase: Phase::Fulfilled,
    })
}
