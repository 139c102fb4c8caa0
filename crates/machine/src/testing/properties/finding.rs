//! What the index entries of a record say, in words of their own: an entry that is derived wrongly
//! is the same wherever it is derived.

use super::super::{Area::Store as AREA, Cases, State};
use super::Property;
use crate::{Entry, Phase, Promise, Row, Task, entries};

pub(super) const CATALOGUE: &[Property] = &[
    Property::promise(AREA, "exactly what is pending is found by its owner", by_owner).untold(),
    Property::task(AREA, "exactly a held task is found by its process", by_process).untold(),
];

fn by_owner(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    let Some(owner) = record.tags.owner().filter(|owner| record.id.extends(owner)) else { return };
    let entries = entries(&Row::Promise(promise.clone().into()));
    let found = entries.iter().any(|it| matches!(it, Entry::Owned(by, _) if **by == *owner));
    cases.check(found == record.is_pending(), || format!("{entries:?} find {record:?}"));
}

fn by_process(_: &State, task: &Task, cases: &mut Cases) {
    let entries = entries(&Row::Task(task.clone().into()));
    let found: Vec<_> = entries.iter().filter(|it| matches!(it, Entry::Held(..))).collect();
    let fine = match &task.phase {
        Phase::Acquired { pid, .. } => *found == [&Entry::Held(pid.clone(), task.id.clone())],
        _ => found.is_empty(),
    };
    cases.check(fine, || format!("{entries:?} find {task:?}"));
}
