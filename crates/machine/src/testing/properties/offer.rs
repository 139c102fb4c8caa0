//! How tasks are offered to workers.

use std::collections::BTreeSet;

use abide_protocol::Id;

use super::super::{Area::Outbox as AREA, Cases, Transition};
use super::Property;
use crate::{Internal, Phase, Task, is_live};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "no task is offered but a live pending one", offered_is_live),
    Property::step(AREA, "no version is offered but the one issued last", offered_version),
    Property::step(AREA, "a task is offered where its promise is targeted", offered_to_target),
    Property::step(AREA, "a task is offered at most once in a step", offered_once),
    Property::step(AREA, "whatever becomes pending is offered, unless delayed", pending_is_offered),
    Property::step(AREA, "what is offered is offered again after the interval", offered_again),
    Property::step(AREA, "a task is not offered before its delay", not_before_delay),
    Property::step(AREA, "a dispatch does nothing before its time", dispatch_not_early),
    Property::step(AREA, "a pending task that is due is offered", due_is_offered),
    Property::step(AREA, "whoever connects is offered what was offered before", connected),
];

fn offered_is_live(at: &Transition, cases: &mut Cases) {
    for (_, id, _) in at.executes() {
        let live = at.after.promise(id).is_some_and(|it| is_live(&it.record, at.now));
        let task = at.after.task(id);
        let pending =
            task.is_some_and(|task| matches!(task.phase, Phase::Pending { offered: true, .. }));
        cases.check(live && pending, || format!("{task:?} is offered"));
    }
}

fn offered_version(at: &Transition, cases: &mut Cases) {
    for (_, id, version) in at.executes() {
        let issued = at.after.task(id).map(|task| task.version);
        cases.check(issued == Some(version), || format!("{version} of {id} is {issued:?}"));
    }
}

fn offered_to_target(at: &Transition, cases: &mut Cases) {
    for (address, id, _) in at.executes() {
        let target = at.after.promise(id).and_then(|promise| promise.record.tags.target());
        cases.check(target == Some(&**address), || format!("{id} of {target:?} to {address}"));
    }
}

fn offered_once(at: &Transition, cases: &mut Cases) {
    let mut seen: BTreeSet<&Id> = BTreeSet::new();
    for (_, id, _) in at.executes() {
        cases.check(seen.insert(id), || format!("{id} is offered twice"));
    }
}

fn is_pending(task: &Task) -> bool {
    matches!(task.phase, Phase::Pending { .. })
}

fn pending_is_offered(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.tasks() {
        let Some(after) = after else { continue };
        if !is_pending(after) || before.is_some_and(|before| is_pending(before)) {
            continue;
        }
        let delay = at.after.promise(&after.id).and_then(|it| it.record.tags.delay());
        let delayed = before.is_none() && delay.is_some_and(|delay| delay > at.now);
        let offered = at.executes().any(|(_, id, _)| *id == after.id);
        let fine = offered != delayed;
        cases.check(fine, || format!("{before:?} became {after:?}, offered: {offered}"));
    }
}

fn offered_again(at: &Transition, cases: &mut Cases) {
    for (_, id, _) in at.executes() {
        let phase = at.after.task(id).map(|task| &task.phase);
        cases.check(phase == Some(&at.offered_now()), || format!("{id} is {phase:?}"));
    }
}

fn not_before_delay(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        // A promise that settles meanwhile changes the task, and leaves the delay as it is.
        if let Phase::Pending { due, offered: false } = before.phase
            && matches!(after.phase, Phase::Pending { offered: true, .. })
        {
            cases.check(due <= at.now, || format!("at {}: {before:?} became {after:?}", at.now));
        }
    }
}

/// The task that the step dispatches, before it, with the time at which it is due.
fn dispatched<'a>(at: &Transition<'a>) -> Option<(&'a Task, Option<i64>)> {
    let Some(Internal::Dispatch { id }) = at.internal() else { return None };
    let task = at.before.task(id)?;
    let due = match task.phase {
        Phase::Pending { due, .. } => Some(due),
        _ => None,
    };
    Some((task, due))
}

fn dispatch_not_early(at: &Transition, cases: &mut Cases) {
    let Some((task, due)) = dispatched(at) else { return };
    if due.is_none_or(|due| due > at.now) {
        cases.check(at.outcome.effects.is_empty(), || format!("at {}: {task:?}", at.now));
    }
}

fn due_is_offered(at: &Transition, cases: &mut Cases) {
    let Some((task, Some(due))) = dispatched(at) else { return };
    if due <= at.now && at.was_live(&task.id) {
        let offered = at.executes().any(|(_, id, _)| *id == task.id);
        cases.check(offered, || format!("{task:?} is not offered at {}", at.now));
    }
}

fn connected(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Offer { id }) = at.internal() else { return };
    let Some(task) = at.before.task(id) else { return };
    let wanted = matches!(task.phase, Phase::Pending { offered: true, .. }) && at.was_live(id);
    let offered = at.executes().any(|(_, it, _)| it == id);
    cases.check(offered == wanted, || format!("{task:?}, offered: {offered}"));
}
