use std::sync::Arc;

use abide_protocol::PromiseRecord;

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

/// What a write does to the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reindexing {
    /// The entries that are no longer there.
    pub gone: Vec<Entry>,
    /// The entries that are new.
    pub come: Vec<Entry>,
}

impl Reindexing {
    /// What it does to the index that a record is replaced by another one; `None` is no record.
    pub fn new(before: Option<&Row>, after: Option<&Row>) -> Self {
        match (before, after) {
            (Some(Row::Promise(before)), Some(Row::Promise(after)))
                if Arc::ptr_eq(&before.record.tags, &after.record.tags) =>
            {
                Self::of_change(before, after)
            }
            _ => {
                let gone = before.map(entries).unwrap_or_default();
                let mut this = Reindexing { gone, come: Vec::new() };
                let come = after.map(entries).unwrap_or_default();
                this.then(Reindexing { gone: Vec::new(), come });
                this
            }
        }
    }

    /// What follows from the tags alone stays as long as they do, so it need not be compared.
    fn of_change(before: &Promise, after: &Promise) -> Self {
        let mut this = Reindexing::default();
        let (old, new) = (due(before), due(after));
        if old != new {
            this.gone.extend(old);
            this.come.extend(new);
        }
        match (is_owned(before), is_owned(after)) {
            (true, false) => this.gone.extend(owned(&before.record)),
            (false, true) => this.come.extend(owned(&after.record)),
            _ => {}
        }
        this
    }

    /// Adds what a later write of the same record does, so that only what comes of both is left. A
    /// record has a handful of entries, so there is nothing to be gained from sorting them.
    pub fn then(&mut self, later: Reindexing) {
        add(&mut self.gone, &mut self.come, later.gone);
        add(&mut self.come, &mut self.gone, later.come);
    }
}

/// Adds entries to one list, but for those that are in the other one: they go from there instead.
fn add(list: &mut Vec<Entry>, opposite: &mut Vec<Entry>, entries: Vec<Entry>) {
    if opposite.is_empty() && list.is_empty() {
        return *list = entries;
    }
    for entry in entries {
        match opposite.iter().position(|other| *other == entry) {
            Some(at) => drop(opposite.swap_remove(at)),
            None => list.push(entry),
        }
    }
}

fn of_promise(promise: &Promise) -> Vec<Entry> {
    let record = &promise.record;
    let mut entries: Vec<Entry> = due(promise).into_iter().collect();
    if is_owned(promise) {
        entries.extend(owned(record));
    }
    entries
}

fn due(promise: &Promise) -> Option<Entry> {
    let record = &promise.record;
    if promise.is_armed() {
        Some(Entry::Due(record.timeout_at, DueKind::Deadline, record.id.clone()))
    } else if !record.is_pending() && (promise.is_waited_for() || promise.cascading) {
        fault!(ObligationUnindexed => return None);
        let settled = record.settled_at.unwrap_or(record.timeout_at);
        Some(Entry::Due(settled, DueKind::Obligation, record.id.clone()))
    } else {
        None
    }
}

/// Whether the promise is found by its owner, if it has one.
fn is_owned(promise: &Promise) -> bool {
    promise.record.is_pending() || fault!(OwnedForEver)
}

fn owned(record: &PromiseRecord) -> Option<Entry> {
    fault!(OwnedUnindexed => return None);
    Some(Entry::Owned(owner(record)?.into(), record.id.clone()))
}

/// The promise whose cancellation cancels this one: its owner by tag, if it is below it.
pub fn owner(record: &PromiseRecord) -> Option<&str> {
    record.tags.owner().filter(|owner| record.id.extends(owner))
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
    use abide_protocol::{PromiseState, Tags, tag};

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
    /// However a promise changes, what is done to the index is the difference of its entries.
    #[test]
    fn only_what_differs_is_written() {
        let tags = |branch: &str| {
            let named = [(tag::BRANCH, branch), (tag::OWNER, "r"), (tag::SCOPE, "global")];
            Arc::new(named.into_iter().collect::<Tags>())
        };
        let (one, other) = (tags("r"), tags("s"));
        let mut rows = vec![None];
        for (tags, state) in [&one, &other].into_iter().flat_map(|tags| {
            [PromiseState::Pending, PromiseState::Resolved].map(|state| (tags, state))
        }) {
            for awaited in [false, true] {
                let mut promise = settled();
                let settled_at = (state != PromiseState::Pending).then_some(5);
                let (id, tags) = ("r.1".into(), tags.clone());
                let record = PromiseRecord::clone(&promise.record);
                promise.record = Arc::new(PromiseRecord { id, tags, state, settled_at, ..record });
                promise.awaiters.extend(awaited.then(|| "b".into()));
                rows.push(Some(Row::Promise(Arc::new(promise))));
            }
        }
        let all = |row: &Option<Row>| row.as_ref().map(entries).unwrap_or_default();
        let sorted = |mut entries: Vec<Entry>| {
            entries.sort();
            entries
        };
        let pairs = || rows.iter().flat_map(|first| rows.iter().map(move |second| (first, second)));
        for ((first, second), third) in
            pairs().flat_map(|pair| rows.iter().map(move |third| (pair, third)))
        {
            let mut change = Reindexing::new(first.as_ref(), second.as_ref());
            change.then(Reindexing::new(second.as_ref(), third.as_ref()));
            let without = |list: Vec<Entry>, others: Vec<Entry>| {
                sorted(list.into_iter().filter(|entry| !others.contains(entry)).collect())
            };
            assert_eq!(sorted(change.gone), without(all(first), all(third)));
            assert_eq!(sorted(change.come), without(all(third), all(first)));
        }
    }
}
