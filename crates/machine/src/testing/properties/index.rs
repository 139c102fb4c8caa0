//! What holds of the index that a store keeps beside its records.

use std::collections::BTreeSet;

use abide_protocol::Id;

use super::super::{Area::Store as AREA, Cases, Sight, State};
use super::{Predicate, Property};
use crate::{DueKind, Entry, Internal, Key, Row, armed, entries};

pub(super) const CATALOGUE: &[Property] = &[
    Property::new(
        AREA,
        "every armed step is found by an index entry",
        Predicate::Found(armed_found),
    ),
    Property::new(AREA, "what somebody waits for is seen to", Predicate::Found(waited_for)),
    Property::new(AREA, "every record is found by all its index entries", Predicate::Index(found))
        .untold(),
    Property::new(AREA, "every index entry is one of its record", Predicate::Index(owned)).untold(),
];

/// Whatever a record arms, whoever looks for what is due comes across it.
fn armed_found(state: &State, row: &Row, index: &BTreeSet<Entry>, cases: &mut Cases) {
    for (time, step) in armed(row) {
        let owed = matches!(
            step,
            Internal::Callback { .. } | Internal::Listener { .. } | Internal::Cascade { .. }
        );
        if owed && state.sight() == Sight::Told {
            continue;
        }
        let due = |kind: DueKind, id: &Id| index.contains(&Entry::Due(time, kind, id.clone()));
        let found = match (&step, row) {
            (Internal::Deadline { id }, _) => due(DueKind::Deadline, id),
            (Internal::Callback { awaited: id, .. }, _)
            | (Internal::Listener { id, .. } | Internal::Cascade { id }, _) => {
                due(DueKind::Obligation, id)
            }
            (Internal::Dispatch { id }, Row::Task(task)) => {
                let ready = Entry::Ready(task.address.clone(), id.clone());
                due(DueKind::Dispatch, id) || index.contains(&ready)
            }
            (Internal::Lease { id }, _) => due(DueKind::Lease, id),
            (Internal::Occurrence { id, .. }, _) => due(DueKind::Occurrence, id),
            _ => false,
        };
        cases.check(found, || format!("{step:?} of {row:?} is not found at {time}"));
    }
}

/// The deadline of what somebody waits for is acted on, and what it owes then.
fn waited_for(state: &State, row: &Row, index: &BTreeSet<Entry>, cases: &mut Cases) {
    let Row::Promise(promise) = row else { return };
    if !promise.is_waited_for() {
        return;
    }
    let record = &promise.record;
    let entry = match record.settled_at {
        None => Entry::Due(record.timeout_at, DueKind::Deadline, record.id.clone()),
        Some(settled) => Entry::Due(settled, DueKind::Obligation, record.id.clone()),
    };
    if record.is_pending() || state.sight() > Sight::Told {
        cases.check(index.contains(&entry), || format!("{row:?} is not found by {entry:?}"));
    }
}

fn found(state: &State, index: &BTreeSet<Entry>, cases: &mut Cases) {
    for (key, row) in state.rows() {
        for entry in entries(row) {
            cases.check(index.contains(&entry), || format!("{key:?} is not found by {entry:?}"));
        }
    }
}

fn owned(state: &State, index: &BTreeSet<Entry>, cases: &mut Cases) {
    for entry in index {
        let row = state.rows().get(&key(entry));
        let fine = row.is_some_and(|row| entries(row).contains(entry));
        cases.check(fine, || format!("{entry:?} finds {row:?}"));
    }
}

/// The record that an entry finds.
fn key(entry: &Entry) -> Key {
    use crate::DueKind::{Deadline, Dispatch, Lease, Obligation, Occurrence};
    match entry {
        Entry::Due(_, Deadline | Obligation, id) => Key::Promise(id.clone()),
        Entry::Due(_, Dispatch | Lease, id) => Key::Task(id.clone()),
        Entry::Due(_, Occurrence, id) => Key::Schedule(id.clone()),
        Entry::Owned(_, id) => Key::Promise(id.clone()),
        Entry::Ready(_, id) | Entry::Held(_, id) => Key::Task(id.clone()),
    }
}
