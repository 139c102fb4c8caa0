//! What holds between a promise, its task, and those who wait.

use abide_protocol::{Request, Status};

use super::super::{Area::Join as AREA, Cases, State, Transition};
use super::Property;
use crate::{Phase, Promise, Task};

pub(super) const CATALOGUE: &[Property] = &[
    Property::promise(AREA, "a promise has a task exactly if it is targeted", task_iff_target),
    Property::task(AREA, "a task has a promise", has_a_promise),
    Property::task(AREA, "a task goes where its promise is targeted", address_is_target),
    Property::task(
        AREA,
        "a task is fulfilled exactly if its promise is settled",
        fulfilled_iff_settled,
    ),
    Property::promise(AREA, "an awaiter has the origin of what it awaits", awaiter_origin),
    Property::promise(AREA, "a promise does not await itself", not_itself),
    Property::promise(AREA, "a listener can be reached", listener_is_routable),
    Property::step(AREA, "a targeted promise and its task are born together", born_together),
    Property::step(AREA, "an awaiter is pending and has a task when it begins to wait", can_wait),
    Property::step(AREA, "an awaiter waits only where it was asked for", awaiter_was_asked),
    Property::step(AREA, "a listener listens only where it was asked for", listener_was_asked),
    Property::step(AREA, "a granted callback between pending promises is kept", callback_kept),
    Property::step(AREA, "a granted listener of a pending promise is kept", listener_kept),
    Property::step(
        AREA,
        "a callback is refused exactly for a missing promise or an awaiter without a task",
        callback_guard,
    ),
    Property::step(AREA, "a suspended task is awaited by all that it named", suspension_awaits),
];

fn task_iff_target(state: &State, promise: &Promise, cases: &mut Cases) {
    let (id, tags) = (&promise.record.id, &promise.record.tags);
    let there = state.task(id).is_some();
    cases.check(tags.target().is_some() == there, || format!("{id}: {tags:?}, task: {there}"));
}

fn has_a_promise(state: &State, task: &Task, cases: &mut Cases) {
    cases.check(state.promise(&task.id).is_some(), || format!("{task:?} has none"));
}

fn address_is_target(state: &State, task: &Task, cases: &mut Cases) {
    let Some(promise) = state.promise(&task.id) else { return };
    let target = promise.record.tags.address();
    cases.check(target == Some(&*task.address), || format!("{task:?} of {promise:?}"));
}

fn fulfilled_iff_settled(state: &State, task: &Task, cases: &mut Cases) {
    let Some(promise) = state.promise(&task.id) else { return };
    let settled = !promise.record.is_pending();
    let fine = settled == (task.phase == Phase::Fulfilled);
    cases.check(fine, || format!("{promise:?}, {task:?}"));
}

fn awaiter_origin(_: &State, promise: &Promise, cases: &mut Cases) {
    for awaiter in &promise.awaiters {
        let id = &promise.record.id;
        cases.check(awaiter.origin() == id.origin(), || format!("{awaiter} awaits {id}"));
    }
}

fn not_itself(_: &State, promise: &Promise, cases: &mut Cases) {
    if !promise.awaiters.is_empty() {
        let id = &promise.record.id;
        cases.check(!promise.awaiters.contains(id), || format!("{id} awaits itself"));
    }
}

fn listener_is_routable(_: &State, promise: &Promise, cases: &mut Cases) {
    for address in &promise.listeners {
        let fine = abide_protocol::Address::parse(address).is_ok();
        cases.check(fine, || format!("{address} listens to {}", promise.record.id));
    }
}

fn born_together(at: &Transition, cases: &mut Cases) {
    for promise in at.born_promises().filter(|it| it.record.tags.target().is_some()) {
        let id = &promise.record.id;
        let fine = at.before.task(id).is_none() && at.after.task(id).is_some();
        cases.check(fine, || format!("{id} is born without its task"));
    }
    for task in at.born_tasks() {
        let fine = at.before.promise(&task.id).is_none();
        cases.check(fine, || format!("the task {} is born later than its promise", task.id));
    }
}

/// The awaiters that a promise has gained, with the promise.
fn gained<'a>(at: &Transition<'a>) -> Vec<(&'a Promise, &'a abide_protocol::Id)> {
    let kept = at.kept_promises().map(|(before, after)| (Some(before), after));
    let pairs = kept.chain(at.born_promises().map(|after| (None, after)));
    let gained = pairs.flat_map(|(before, after)| {
        let new = after.awaiters.iter();
        let new = new.filter(move |it| before.is_none_or(|before| !before.awaiters.contains(*it)));
        new.map(move |awaiter| (&**after, awaiter))
    });
    gained.collect()
}

fn can_wait(at: &Transition, cases: &mut Cases) {
    for (promise, awaiter) in gained(at) {
        let fine = at.was_live(awaiter) && at.before.task(awaiter).is_some();
        cases.check(fine, || format!("{awaiter} awaits {}", promise.record.id));
    }
}

fn awaiter_was_asked(at: &Transition, cases: &mut Cases) {
    for (promise, awaiter) in gained(at) {
        let id = &promise.record.id;
        let fine = match at.request() {
            Some(Request::PromiseRegisterCallback(data)) => {
                data.awaited == *id && data.awaiter == *awaiter
            }
            Some(Request::TaskSuspend(data)) => {
                let named = data.actions.iter().any(|it| it.callback.awaited == *id);
                data.id == *awaiter && named
            }
            _ => false,
        };
        cases.check(fine, || format!("{awaiter} awaits {id}"));
    }
}

fn listener_was_asked(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        for address in after.listeners.difference(&before.listeners) {
            let fine = matches!(at.request(), Some(Request::PromiseRegisterListener(data))
                if data.awaited == after.record.id && *data.address == **address);
            cases.check(fine, || format!("{address} listens to {}", after.record.id));
        }
    }
}

fn callback_kept(at: &Transition, cases: &mut Cases) {
    let Some(Request::PromiseRegisterCallback(data)) = at.request() else { return };
    if at.is_granted() && at.was_live(&data.awaited) && at.was_live(&data.awaiter) {
        let awaited = at.after.promise(&data.awaited);
        let kept = awaited.is_some_and(|it| it.awaiters.contains(&data.awaiter));
        cases.check(kept, || format!("{} is not in {awaited:?}", data.awaiter));
    }
}

fn listener_kept(at: &Transition, cases: &mut Cases) {
    let Some(Request::PromiseRegisterListener(data)) = at.request() else { return };
    if at.is_granted() && at.was_live(&data.awaited) {
        let awaited = at.after.promise(&data.awaited);
        let kept = awaited.is_some_and(|it| it.listeners.contains(&*data.address));
        cases.check(kept, || format!("{} is not in {awaited:?}", data.address));
    }
}

fn callback_guard(at: &Transition, cases: &mut Cases) {
    let (Some(Request::PromiseRegisterCallback(data)), Some(status)) = (at.request(), at.status())
    else {
        return;
    };
    let awaiter = at.before.promise(&data.awaiter);
    let wanted = match at.before.promise(&data.awaited) {
        None => Status::NotFound,
        Some(_) if awaiter.is_none_or(|it| it.record.tags.target().is_none()) => {
            Status::Unprocessable
        }
        Some(_) => Status::Ok,
    };
    cases.check(status == wanted, || format!("{status:?} for {data:?}, awaiter: {awaiter:?}"));
}

fn suspension_awaits(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskSuspend(data)) = at.request() else { return };
    if at.status() != Some(Status::Ok) {
        return;
    }
    let suspended = at.after.task(&data.id).is_some_and(|task| task.phase == Phase::Suspended);
    cases.check(suspended, || format!("{} is not suspended", data.id));
    for action in &data.actions {
        let awaited = at.after.promise(&action.callback.awaited);
        let awaits = awaited.is_some_and(|it| it.awaiters.contains(&data.id));
        cases.check(awaits, || format!("{} is not in {awaited:?}", data.id));
    }
}
