//! What holds of a task by itself.

use super::super::{Area::Task as AREA, Cases, State, Transition};
use super::Property;
use crate::{Phase, Task};

pub(super) const CATALOGUE: &[Property] = &[
    Property::task(AREA, "no version is negative", not_negative),
    Property::task(AREA, "a task is held or suspended only at a version issued", was_issued),
    Property::task(AREA, "a claim names a process and lasts a while", claim_is_whole),
    Property::task(AREA, "a suspended or fulfilled task has nothing resumed", nothing_resumed),
    Property::task(AREA, "only a task never acquired waits for its delay", delayed_is_fresh)
        .untold(),
    Property::task(AREA, "a task that waits for its delay is due then", due_at_delay).untold(),
    Property::step(AREA, "the identity of a task never changes", identity_is_immutable),
    Property::step(
        AREA,
        "a version moves by one on acquisition and never otherwise",
        version_is_a_fence,
    ),
    Property::step(AREA, "a task is born at version 0, or at 1 in a claim", born_unissued),
];

fn not_negative(_: &State, task: &Task, cases: &mut Cases) {
    cases.check(task.version >= 0, || format!("{task:?}"));
}

fn was_issued(_: &State, task: &Task, cases: &mut Cases) {
    if matches!(task.phase, Phase::Acquired { .. } | Phase::Suspended) {
        cases.check(task.version >= 1, || format!("{task:?}"));
    }
}

fn claim_is_whole(_: &State, task: &Task, cases: &mut Cases) {
    if let Phase::Acquired { pid, ttl, .. } = &task.phase {
        cases.check(!pid.is_empty() && *ttl >= 1, || format!("{task:?}"));
    }
}

fn nothing_resumed(_: &State, task: &Task, cases: &mut Cases) {
    if matches!(task.phase, Phase::Suspended | Phase::Fulfilled) {
        cases.check(task.resumes == 0, || format!("{task:?}"));
    }
}

fn delayed_is_fresh(_: &State, task: &Task, cases: &mut Cases) {
    if let Phase::Pending { offered: false, .. } = task.phase {
        cases.check(task.version == 0, || format!("{task:?}"));
    }
}

fn due_at_delay(state: &State, task: &Task, cases: &mut Cases) {
    if let Phase::Pending { due, offered: false } = task.phase {
        let delay = state.promise(&task.id).and_then(|promise| promise.record.tags.delay());
        cases.check(delay == Some(due), || format!("{task:?}, delayed until {delay:?}"));
    }
}

fn identity_is_immutable(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        let same = before.id == after.id && before.address == after.address;
        cases.check(same, || format!("{before:?} became {after:?}"));
    }
}

/// A task acquired in this step that was not held before.
fn is_claimed(at: &Transition, before: Option<&Task>, after: &Task) -> bool {
    let held = |task: &Task| matches!(task.phase, Phase::Acquired { .. });
    at.claims().is_some_and(|(id, ..)| *id == after.id) && held(after) && !before.is_some_and(held)
}

fn version_is_a_fence(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        let moved = after.version - before.version;
        let wanted = i64::from(is_claimed(at, Some(before), after));
        cases.check(moved == wanted, || format!("{before:?} became {after:?}"));
    }
}

fn born_unissued(at: &Transition, cases: &mut Cases) {
    for task in at.born_tasks() {
        let wanted = i64::from(is_claimed(at, None, task));
        cases.check(task.version == wanted && task.resumes == 0, || format!("{task:?} is born"));
    }
}
