//! What may be asked of a task, and by whom.

use abide_protocol::{Id, Request, Status};

use super::super::{Area::Task as AREA, Cases, Transition};
use super::Property;
use crate::Phase;

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "a task is not found exactly if there is none", found_if_there),
    Property::step(AREA, "what needs a claim conflicts exactly if it is not held", needs_claim),
    Property::step(
        AREA,
        "an acquisition conflicts exactly if the task is not offered at that version",
        acquisition,
    ),
    Property::step(
        AREA,
        "task.create claims a pending task, and is refused where it has no claim",
        create_and_claim,
    ),
    Property::step(AREA, "a halt conflicts exactly if the task has ended", halt),
    Property::step(AREA, "a continuation conflicts exactly if the task is not halted", resume),
    Property::step(AREA, "a fenced action happens only where the claim is held", fenced),
];

/// The task that a request of an existing one speaks of.
fn asked<'a>(at: &Transition<'a>) -> Option<&'a Id> {
    if let Some((id, _)) = at.needs_claim() {
        return Some(id);
    }
    match at.request()? {
        Request::TaskGet(data) => Some(&data.id),
        Request::TaskAcquire(data) => Some(&data.id),
        Request::TaskHalt(data) => Some(&data.id),
        Request::TaskContinue(data) => Some(&data.id),
        _ => None,
    }
}

fn found_if_there(at: &Transition, cases: &mut Cases) {
    let (Some(id), Some(status)) = (asked(at), at.status()) else { return };
    let there = at.before.task(id).is_some();
    cases.check((status != Status::NotFound) == there, || format!("{status:?} for {id}"));
}

/// One case if the task exists: the request conflicts unless `fits`.
fn conflicts_unless(at: &Transition, id: &Id, fits: bool, cases: &mut Cases) {
    let (Some(task), Some(status)) = (at.before.task(id), at.status()) else { return };
    cases.check((status != Status::Conflict) == fits, || format!("{status:?} for {task:?}"));
}

fn needs_claim(at: &Transition, cases: &mut Cases) {
    if let Some((id, version)) = at.needs_claim() {
        conflicts_unless(at, id, at.was_held(id, version), cases);
    }
}

fn is_pending(at: &Transition, id: &Id) -> bool {
    let task = at.before.task(id);
    task.is_some_and(|task| matches!(task.phase, Phase::Pending { .. })) && at.was_live(id)
}

fn acquisition(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskAcquire(data)) = at.request() else { return };
    let offered = at.before.task(&data.id).is_some_and(|task| task.version == data.version);
    conflicts_unless(at, &data.id, offered && is_pending(at, &data.id), cases);
}

fn create_and_claim(at: &Transition, cases: &mut Cases) {
    let (Some(Request::TaskCreate(data)), Some(status)) = (at.request(), at.status()) else {
        return;
    };
    let id = &data.action.create.id;
    let wanted = match at.before.promise(id) {
        Some(promise) if promise.record.tags.target().is_none() => Status::Unprocessable,
        Some(_) if at.was_live(id) && !is_pending(at, id) => Status::Conflict,
        _ => Status::Ok,
    };
    cases.check(status == wanted, || format!("{status:?} for {:?}", at.before.task(id)));
    if status == Status::Ok && at.after.promise(id).is_some_and(|it| it.record.is_pending()) {
        let held = at.after.task(id).map(|task| &task.phase);
        let fine = matches!(held, Some(Phase::Acquired { .. })) || !at.was_live(id);
        cases.check(fine, || format!("{id} is {held:?}"));
    }
}

fn halt(at: &Transition, cases: &mut Cases) {
    if let Some(Request::TaskHalt(data)) = at.request() {
        conflicts_unless(at, &data.id, at.was_live(&data.id), cases);
    }
}

fn resume(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskContinue(data)) = at.request() else { return };
    let halted = at.before.task(&data.id).is_some_and(|task| task.phase == Phase::Halted);
    conflicts_unless(at, &data.id, halted && at.was_live(&data.id), cases);
}

fn fenced(at: &Transition, cases: &mut Cases) {
    let Some((id, version)) = at.needs_claim() else { return };
    let acts = !at.outcome.effects.is_empty();
    if !at.was_held(id, version) {
        cases.check(!acts, || format!("{id} is not held at {version}"));
    }
}
