//! How a task that waits goes on.

use abide_protocol::{Id, Request, Status};

use super::super::{Area::WakeUp as AREA, Cases, State, Transition};
use super::Property;
use crate::{Internal, Phase, RESUMED_LIMIT, Task, promise_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property::task(AREA, "as many wakes are remembered as counted, up to the limit", remembered)
        .lived(),
    Property::step(AREA, "resumes count what has settled since the acquisition", resumes_count),
    Property::step(AREA, "what wakes a task is settled", waker_is_settled),
    Property::step(AREA, "a suspended task that is woken is offered at once", woken_is_offered),
    Property::step(AREA, "a task that does not wait only takes note of a wake", only_noted),
    Property::step(AREA, "the deadline of a dying task comes before its wake", dying_is_not_woken),
    Property::step(AREA, "a suspended task is held by a callback still to come", is_held),
    Property::step(
        AREA,
        "a task is not suspended exactly if something it waits for has settled",
        redirected_if_settled,
    ),
    Property::step(AREA, "a task that is not suspended keeps its claim", redirect_keeps_claim),
    Property::step(AREA, "a suspension needs all that it waits for", needs_awaited),
    Property::step(AREA, "a worker that asks is told of all that has woken the task", told),
    Property::step(AREA, "a suspension again loses no wake", again_loses_nothing),
];

fn remembered(state: &State, task: &Task, cases: &mut Cases) {
    let offered = state.config().extensions.resumed();
    let count = if offered { task.resumes.min(RESUMED_LIMIT as u64) } else { 0 };
    if task.resumes > 0 || !task.resumed.is_empty() {
        cases.check(task.resumed.len() as u64 == count, || format!("{task:?}"));
    }
}

/// Whether the step is the callback that takes this awaiter from what it awaited.
fn wakes(at: &Transition, task: &Id) -> bool {
    let Some(Internal::Callback { awaited, awaiter }) = at.internal() else { return false };
    let waits = |promise: Option<&std::sync::Arc<crate::Promise>>| {
        promise.is_some_and(|promise| promise.awaiters.contains(awaiter))
    };
    awaiter == task && waits(at.before.promise(awaited)) && !waits(at.after.promise(awaited))
}

/// A callback adds one, unless the task has ended; an acquisition, a suspension and the end clear
/// them; nothing else touches them.
fn resumes_count(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        let claimed = at.claims().is_some_and(|(id, ..)| *id == after.id);
        let count = match at.request() {
            _ if after.phase == Phase::Fulfilled => 0,
            Some(Request::TaskSuspend(data)) if data.id == after.id && at.is_granted() => 0,
            _ if claimed => 0,
            _ => before.resumes + u64::from(wakes(at, &after.id)),
        };
        cases.check(after.resumes == count, || format!("{before:?} became {after:?}"));
    }
}

/// When it is remembered, that is: whoever reclaims a promise and creates it anew breaks a promise
/// of its own.
fn waker_is_settled(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_tasks() {
        for id in after.resumed.iter().skip(before.resumed.len()) {
            let promise = at.after.promise(id);
            let fine = promise.is_some_and(|it| !promise_at(&it.record, at.now).is_pending());
            cases.check(fine, || format!("{promise:?} has woken {}", after.id));
        }
    }
}

fn woken_is_offered(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Callback { awaiter, .. }) = at.internal() else { return };
    let Some(before) = at.before.task(awaiter) else { return };
    if before.phase == Phase::Suspended && at.was_live(awaiter) && wakes(at, awaiter) {
        let after = at.after.task(awaiter).map(|task| &task.phase);
        cases.check(after == Some(&at.offered_now()), || format!("{before:?} is {after:?}"));
    }
}

fn only_noted(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Callback { awaiter, .. }) = at.internal() else { return };
    let Some(before) = at.before.task(awaiter) else { return };
    if before.phase != Phase::Suspended && at.was_live(awaiter) && wakes(at, awaiter) {
        let after = at.after.task(awaiter).map(|task| &task.phase);
        let fine = after == Some(&before.phase) && at.executes().next().is_none();
        cases.check(fine, || format!("{before:?} is {after:?}"));
    }
}

fn dying_is_not_woken(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Callback { awaiter, .. }) = at.internal() else { return };
    let Some(before) = at.before.task(awaiter) else { return };
    if before.phase != Phase::Fulfilled && !at.was_live(awaiter) && wakes(at, awaiter) {
        let after = at.after.task(awaiter).map(|task| &task.phase);
        let offered = at.executes().any(|(_, id, _)| id == awaiter);
        let fine = after == Some(&Phase::Fulfilled) && !offered;
        cases.check(fine, || format!("{before:?} is {after:?}"));
    }
}

/// Unless it was suspended again for nothing.
fn is_held(at: &Transition, cases: &mut Cases) {
    let suspended = |id: &Id| at.after.task(id).is_some_and(|it| it.phase == Phase::Suspended);
    let mut tasks: Vec<&Id> = Vec::new();
    if let Some(Internal::Callback { awaiter, .. }) = at.internal() {
        tasks.extend(wakes(at, awaiter).then_some(awaiter));
    }
    for (before, after) in at.kept_tasks() {
        let for_nothing =
            matches!(at.request(), Some(Request::TaskSuspend(data)) if data.actions.is_empty());
        if before.phase != Phase::Suspended && !for_nothing {
            tasks.push(&after.id);
        }
    }
    for id in tasks.into_iter().filter(|id| suspended(id)) {
        let held = at.after.tree(id.origin()).any(|promise| promise.awaiters.contains(id));
        cases.check(held, || format!("nothing will wake {id}"));
    }
}

/// The suspension that the step is, if its claim was held: what it awaits, and how it went.
fn suspension<'a>(
    at: &Transition<'a>,
) -> Option<(&'a abide_protocol::TaskSuspend, &'a Task, Status)> {
    let Some(Request::TaskSuspend(data)) = at.request() else { return None };
    let task = at.before.task(&data.id).filter(|_| at.was_held(&data.id, data.version))?;
    Some((data, task, at.status()?))
}

fn redirected_if_settled(at: &Transition, cases: &mut Cases) {
    let Some((data, task, status)) = suspension(at) else { return };
    let again = data.again && at.before.config().extensions.resumed();
    let awaited = || data.actions.iter().map(|action| &action.callback.awaited);
    if awaited().any(|id| at.before.promise(id).is_none()) {
        return;
    }
    let settled = awaited().any(|id| !at.was_live(id)) || again && task.resumes > 0;
    let wanted = if settled { Status::Redirect } else { Status::Ok };
    cases.check(status == wanted, || format!("{status:?} for {task:?}"));
}

fn redirect_keeps_claim(at: &Transition, cases: &mut Cases) {
    let Some((data, before, Status::Redirect)) = suspension(at) else { return };
    let wanted = Task { resumes: 0, resumed: Vec::new(), ..before.clone() };
    let after = at.after.task(&data.id);
    let same = after.is_some_and(|after| **after == wanted);
    let alone = at.promises().next().is_none();
    cases.check(same && alone, || format!("{before:?} became {after:?}"));
}

fn needs_awaited(at: &Transition, cases: &mut Cases) {
    let Some((data, _, status)) = suspension(at) else { return };
    let mut awaited = data.actions.iter().map(|action| &action.callback.awaited);
    let missing = awaited.any(|id| at.before.promise(id).is_none());
    cases.check((status == Status::Unprocessable) == missing, || format!("{status:?}"));
}

fn told(at: &Transition, cases: &mut Cases) {
    let Some(response) = &at.outcome.response else { return };
    let id = match at.request() {
        Some(Request::TaskAcquire(data)) if data.resumed && response.status == Status::Ok => {
            &data.id
        }
        Some(Request::TaskSuspend(data)) if data.again && response.status == Status::Redirect => {
            &data.id
        }
        _ => return,
    };
    let told = at.outcome.told.as_ref();
    if !at.after.config().extensions.resumed() {
        return cases.check(told.is_none(), || "nobody offers that".into());
    }
    let Some(task) = at.before.task(id) else { return };
    let all = told.is_some_and(|told| task.resumed.iter().all(|id| told.contains(id)));
    cases.check(all, || format!("{told:?} is told of {task:?}"));
}

fn again_loses_nothing(at: &Transition, cases: &mut Cases) {
    let Some((data, task, Status::Ok)) = suspension(at) else { return };
    if data.again && at.after.config().extensions.resumed() {
        cases.check(task.resumes == 0, || format!("{task:?} is suspended"));
    }
}
