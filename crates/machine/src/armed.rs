use abide_protocol::Millis;

use crate::{Internal, Phase, Promise, Row, Schedule, Task};

/// The internal steps that a record arms, and when each is due. Nothing else is ever pending: a
/// crash loses no step, because each follows from what is stored.
pub fn armed(row: &Row) -> Vec<(Millis, Internal)> {
    match row {
        Row::Promise(promise) => by_promise(promise),
        Row::Task(task) => by_task(task).into_iter().collect(),
        Row::Schedule(schedule) => vec![(schedule.record.next_run_at, schedule.occurrence())],
        Row::Unblock(_) => Vec::new(),
    }
}

fn by_promise(promise: &Promise) -> Vec<(Millis, Internal)> {
    let record = &promise.record;
    if record.is_pending() {
        let deadline = Internal::Deadline { id: record.id.clone() };
        return if promise.is_armed() { vec![(record.timeout_at, deadline)] } else { Vec::new() };
    }
    let settled = record.settled_at.unwrap_or(record.timeout_at);
    promise.obligations().map(|step| (settled, step)).collect()
}

fn by_task(task: &Task) -> Option<(Millis, Internal)> {
    let id = task.id.clone();
    match &task.phase {
        Phase::Pending { due, .. } => Some((*due, Internal::Dispatch { id })),
        Phase::Acquired { expires, .. } => Some((*expires, Internal::Lease { id })),
        Phase::Suspended | Phase::Halted | Phase::Fulfilled => None,
    }
}

impl Promise {
    /// Whether anybody waits for this promise, or on a settled one: is still to hear of it.
    pub fn is_waited_for(&self) -> bool {
        !self.awaiters.is_empty() || !self.listeners.is_empty()
    }

    /// Whether the server acts on the deadline by itself.
    pub fn is_armed(&self) -> bool {
        fault!(DeadlineUnarmed => return self.record.is_pending() && self.record.tags.arms_deadline());
        self.record.is_pending() && (self.is_waited_for() || self.record.tags.arms_deadline())
    }

    /// What is owed to those who wait, once this promise is settled: a callback step for each
    /// awaiter, a listener step for each listener; and at last, if it was canceled, the end of its
    /// cascade, once all that it owns is canceled.
    pub fn obligations(&self) -> impl Iterator<Item = Internal> + '_ {
        let id = &self.record.id;
        let callbacks = self
            .awaiters
            .iter()
            .map(|awaiter| Internal::Callback { awaited: id.clone(), awaiter: awaiter.clone() });
        let listeners = self
            .listeners
            .iter()
            .map(|address| Internal::Listener { id: id.clone(), address: address.clone() });
        let cascade = self.cascading.then(|| Internal::Cascade { id: id.clone() });
        callbacks.chain(listeners).chain(cascade)
    }
}

impl Schedule {
    /// The step of the next occurrence.
    pub fn occurrence(&self) -> Internal {
        Internal::Occurrence { id: self.record.id.clone(), promise: self.next_promise() }
    }
}
