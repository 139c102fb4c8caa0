use abide_protocol::{Id, PromiseRecord};

use crate::{DueKind, Entry, Phase, Promise, Row, Schedule, Task};

/// The index entries of a record: what it arms and what it is found by. Whatever writes a record
/// writes the difference between the entries of its old and its new image in the same commit.
pub fn entries(row: &Row) -> Vec<Entry> {
    match row {
        Row::Promise(promise) => of_promise(promise),
        Row::Task(task) => of_task(task),
        Row::Schedule(schedule) => vec![of_schedule(schedule)],
        Row::Unblock(_) => Vec::new(),
    }
}

fn of_promise(promise: &Promise) -> Vec<Entry> {
    let record = &promise.record;
    let mut entries = Vec::with_capacity(2);
    if promise.is_armed() {
        entries.push(Entry::Due(record.timeout_at, DueKind::Deadline, record.id.clone()));
    } else if !record.is_pending() && (promise.is_waited_for() || promise.cascading) {
        let settled = record.settled_at.unwrap_or(record.timeout_at);
        entries.push(Entry::Due(settled, DueKind::Obligation, record.id.clone()));
    }
    // A promise that is its own branch is excluded from its own preload, so it needs no entry.
    if let Some(branch) = record.tags.branch()
        && branch != &*record.id
    {
        entries.push(Entry::Branch(Id::from(branch), record.id.clone()));
    }
    if (record.is_pending() || fault!(OwnedForEver))
        && let Some(owner) = owner(record)
    {
        entries.push(Entry::Owned(owner, record.id.clone()));
    }
    fault!(ObligationUnindexed => entries.retain(|it| !matches!(it, Entry::Due(_, DueKind::Obligation, _))));
    fault!(BranchUnindexed => entries.retain(|it| !matches!(it, Entry::Branch(..))));
    fault!(OwnedUnindexed => entries.retain(|it| !matches!(it, Entry::Owned(..))));
    entries
}

/// The promise whose cancellation cancels this one: its owner by tag, if it is below it.
pub fn owner(record: &PromiseRecord) -> Option<Id> {
    let owner = record.tags.owner()?;
    record.id.extends(owner).then(|| Id::from(owner))
}

fn of_task(task: &Task) -> Vec<Entry> {
    let id = task.id.clone();
    match &task.phase {
        Phase::Pending { offered: true, .. } => vec![Entry::Ready(task.address.clone(), id)],
        Phase::Pending { due, offered: false } => vec![Entry::Due(*due, DueKind::Dispatch, id)],
        Phase::Acquired { pid, expires, .. } => {
            fault!(HeldUnindexed => return vec![Entry::Due(*expires, DueKind::Lease, id)]);
            fault!(LeaseUnindexed => return vec![Entry::Held(pid.clone(), id)]);
            vec![Entry::Due(*expires, DueKind::Lease, id.clone()), Entry::Held(pid.clone(), id)]
        }
        Phase::Suspended | Phase::Halted | Phase::Fulfilled => Vec::new(),
    }
}

fn of_schedule(schedule: &Schedule) -> Entry {
    let record = &schedule.record;
    Entry::Due(record.next_run_at, DueKind::Occurrence, record.id.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use abide_protocol::{PromiseRecord, PromiseState};

    use super::*;

    fn settled() -> Promise {
        let record = PromiseRecord {
            id: "a".into(),
            state: PromiseState::Resolved,
            param: Arc::default(),
            value: Arc::default(),
            tags: Arc::default(),
            timeout_at: 9,
            created_at: 0,
            settled_at: Some(5),
        };
        let (awaiters, listeners, unheard) = Default::default();
        Promise { record: Arc::new(record), awaiters, listeners, unheard, cascading: false }
    }

    #[test]
    fn only_what_a_settled_promise_owes_is_due() {
        let due = [Entry::Due(5, DueKind::Obligation, "a".into())];
        assert_eq!(of_promise(&settled()), []);
        let awaited = Promise { awaiters: ["b".into()].into(), ..settled() };
        assert_eq!(of_promise(&awaited), due);
        let listened = Promise { listeners: ["poll://any@w".into()].into(), ..settled() };
        assert_eq!(of_promise(&listened), due);
        assert_eq!(of_promise(&Promise { cascading: true, ..settled() }), due);
    }
}
