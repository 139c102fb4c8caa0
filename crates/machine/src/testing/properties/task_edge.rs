//! How a task goes from one phase to another.

use std::collections::BTreeSet;

use abide_protocol::Request;

use super::super::{Area::Task as AREA, Cases, Transition};
use super::Property;
use crate::{Effect, Internal, Key, Phase, Row, Task, is_live, task_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "a task is acquired only from pending and live", acquired_from_pending),
    Property::step(AREA, "a pending task is acquired, halted or ended", from_pending),
    Property::step(AREA, "a suspended task is woken, halted or ended", from_suspended),
    Property::step(AREA, "a halted task is continued or ended", from_halted),
    Property::step(AREA, "a task is suspended only by its holder", suspended_by_holder),
    Property::step(AREA, "a fulfilled task stays as it is", fulfilled_is_final),
    Property::step(AREA, "a task whose promise has settled only ever ends", dead_only_ends),
    Property::step(AREA, "a halt keeps all but the claim", halt_keeps),
    Property::step(
        AREA,
        "what is released or continued is offered at once and keeps what woke it",
        released_is_offered,
    ),
];

/// The tasks that were in this phase and are in another, except for an end.
fn left<'a>(at: &Transition<'a>, phase: impl Fn(&Phase) -> bool) -> Vec<(&'a Task, &'a Task)> {
    let moved = at.kept_tasks().filter(|(before, after)| {
        phase(&before.phase) && !phase(&after.phase) && after.phase != Phase::Fulfilled
    });
    moved.map(|(before, after)| (&**before, &**after)).collect()
}

fn is_pending(phase: &Phase) -> bool {
    matches!(phase, Phase::Pending { .. })
}

fn is_acquired(phase: &Phase) -> bool {
    matches!(phase, Phase::Acquired { .. })
}

fn halts(at: &Transition, task: &Task) -> bool {
    matches!(at.request(), Some(Request::TaskHalt(data)) if data.id == task.id)
        && task.phase == Phase::Halted
}

fn acquired_from_pending(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        if is_acquired(&after.phase) && !is_acquired(&before.phase) {
            let fine = is_pending(&before.phase) && at.was_live(&after.id);
            cases.check(fine, || format!("{before:?} became {after:?}"));
        }
    }
}

fn from_pending(at: &Transition, cases: &mut Cases) {
    for (before, after) in left(at, is_pending) {
        let claimed = at.claims().is_some_and(|(id, ..)| *id == after.id);
        let fine = claimed && is_acquired(&after.phase) || halts(at, after);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn from_suspended(at: &Transition, cases: &mut Cases) {
    for (before, after) in left(at, |phase| *phase == Phase::Suspended) {
        let woken = matches!(at.internal(),
            Some(Internal::Callback { awaiter, .. }) if *awaiter == after.id);
        let fine = woken && is_pending(&after.phase) || halts(at, after);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn from_halted(at: &Transition, cases: &mut Cases) {
    for (before, after) in left(at, |phase| *phase == Phase::Halted) {
        let continued =
            matches!(at.request(), Some(Request::TaskContinue(data)) if data.id == after.id);
        let fine = continued && is_pending(&after.phase);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn suspended_by_holder(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        if after.phase == Phase::Suspended && before.phase != Phase::Suspended {
            let fine = matches!(at.request(), Some(Request::TaskSuspend(data))
                if data.id == after.id && at.was_held(&data.id, data.version));
            cases.check(fine, || format!("{before:?} became {after:?}"));
        }
    }
}

fn fulfilled_is_final(at: &Transition, cases: &mut Cases) {
    let written = at.outcome.effects.iter().filter_map(Effect::key);
    let touched: BTreeSet<Key> = at.read.keys().cloned().chain(written).collect();
    for key in touched {
        let Some(Row::Task(before)) = at.before.rows().get(&key) else { continue };
        if before.phase == Phase::Fulfilled && at.reclaim().is_none() {
            let after = at.after.task(&before.id);
            cases.check(after == Some(before), || format!("{before:?} became {after:?}"));
        }
    }
}

fn dead_only_ends(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        let Some(promise) = at.before.promise(&before.id) else { continue };
        if !is_live(&promise.record, at.now) {
            let ended = task_at(before, &promise.record, at.now);
            cases.check(*after == ended, || format!("{before:?} became {after:?}"));
        }
    }
}

fn halt_keeps(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskHalt(data)) = at.request() else { return };
    let (Some(before), true) = (at.before.task(&data.id), at.is_granted()) else { return };
    let wanted = Task { phase: Phase::Halted, ..Task::clone(before) };
    let after = at.after.task(&data.id);
    cases.check(after.is_some_and(|it| **it == wanted), || format!("{before:?} became {after:?}"));
}

fn released_is_offered(at: &Transition, cases: &mut Cases) {
    let id = match at.request() {
        Some(Request::TaskRelease(data)) => &data.id,
        Some(Request::TaskContinue(data)) => &data.id,
        _ => return,
    };
    let (Some(before), true) = (at.before.task(id), at.is_granted()) else { return };
    let wanted = Task { phase: at.offered_now(), ..Task::clone(before) };
    let after = at.after.task(id);
    cases.check(after.is_some_and(|it| **it == wanted), || format!("{before:?} became {after:?}"));
}
