//! What holds of the index that a store keeps beside its records.

use std::collections::BTreeSet;

use super::super::{Area::Store as AREA, Cases, State};
use super::{Predicate, Property};
use crate::{Entry, Key, entries};

pub(super) const CATALOGUE: &[Property] = &[
    Property::new(AREA, "every record is found by all its index entries", Predicate::Index(found))
        .untold(),
    Property::new(AREA, "every index entry is one of its record", Predicate::Index(owned)).untold(),
];

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
        Entry::Branch(_, id) | Entry::Owned(_, id) => Key::Promise(id.clone()),
        Entry::Ready(_, id) | Entry::Held(_, id) => Key::Task(id.clone()),
    }
}
