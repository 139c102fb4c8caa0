//! Who holds a task, and for how long.

use std::collections::BTreeSet;

use abide_protocol::Request;

use super::super::{Area::Lease as AREA, Cases, State, Transition};
use super::Property;
use crate::{Internal, Phase, Task};

pub(super) const CATALOGUE: &[Property] = &[
    Property::task(AREA, "a lease ends no later than its length from now", lease_is_bounded),
    Property::step(AREA, "an acquisition is for the process and the time asked for", as_asked),
    Property::step(AREA, "a claim is lost only by a step that may take it", claim_is_kept),
    Property::step(AREA, "a claim keeps its process and its length", holder_is_kept),
    Property::step(AREA, "a lease is never shortened", never_shortened),
    Property::step(AREA, "a lease is taken back only when it is over", not_early),
    Property::step(AREA, "a lease that is over is taken back, and the task offered", taken_back),
    Property::step(AREA, "a heartbeat extends exactly what the process holds", extends_exactly),
    Property::step(AREA, "a heartbeat changes nothing but leases", heartbeat_is_narrow),
    Property::step(AREA, "a heartbeat is never refused", heartbeat_is_granted),
];

fn lease_is_bounded(state: &State, task: &Task, cases: &mut Cases) {
    if let Phase::Acquired { ttl, expires, .. } = task.phase {
        let latest = state.now().saturating_add(ttl);
        cases.check(expires <= latest, || format!("at {}: {task:?}", state.now()));
    }
}

fn as_asked(at: &Transition, cases: &mut Cases) {
    let Some((id, pid, ttl)) = at.claims() else { return };
    let fresh = |phase: Option<&Phase>| matches!(phase, Some(Phase::Acquired { .. }));
    let before = at.before.task(id).map(|task| &task.phase);
    let after = at.after.task(id).map(|task| &task.phase);
    if fresh(after) && !fresh(before) {
        let wanted = Phase::Acquired { pid: pid.into(), ttl, expires: at.now.saturating_add(ttl) };
        let clear = at.after.task(id).is_some_and(|task| task.resumes == 0);
        cases.check(after == Some(&wanted) && clear, || format!("{id} is {after:?}"));
    }
}

/// The tasks that were held and are not gone.
fn held<'t, 'a>(at: &'t Transition<'a>) -> impl Iterator<Item = (&'a Task, &'a Task)> + 't {
    let pairs = at.kept_tasks().map(|(before, after)| (&**before, &**after));
    pairs.filter(|(before, _)| matches!(before.phase, Phase::Acquired { .. }))
}

fn claim_is_kept(at: &Transition, cases: &mut Cases) {
    for (before, after) in held(at) {
        if matches!(after.phase, Phase::Acquired { .. } | Phase::Fulfilled) {
            continue;
        }
        let taker = match (at.request(), at.internal()) {
            (Some(Request::TaskRelease(data)), _) => Some(&data.id),
            (Some(Request::TaskSuspend(data)), _) => Some(&data.id),
            (Some(Request::TaskHalt(data)), _) => Some(&data.id),
            (_, Some(Internal::Lease { id })) => Some(id),
            _ => None,
        };
        let fine = taker == Some(&after.id);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn holder_is_kept(at: &Transition, cases: &mut Cases) {
    for (before, after) in held(at) {
        let (Phase::Acquired { pid, ttl, .. }, Phase::Acquired { pid: holder, ttl: length, .. }) =
            (&before.phase, &after.phase)
        else {
            continue;
        };
        let same = pid == holder && ttl == length;
        cases.check(same, || format!("{before:?} became {after:?}"));
    }
}

fn never_shortened(at: &Transition, cases: &mut Cases) {
    for (before, after) in held(at) {
        let (Phase::Acquired { expires, .. }, Phase::Acquired { expires: later, .. }) =
            (&before.phase, &after.phase)
        else {
            continue;
        };
        cases.check(expires <= later, || format!("{before:?} became {after:?}"));
    }
}

fn not_early(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Lease { id }) = at.internal() else { return };
    let Some(task) = at.before.task(id) else { return };
    let over = matches!(task.phase, Phase::Acquired { expires, .. } if expires <= at.now);
    if !over {
        cases.check(at.outcome.effects.is_empty(), || format!("at {}: {task:?}", at.now));
    }
}

fn taken_back(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Lease { id }) = at.internal() else { return };
    let Some(before) = at.before.task(id).filter(|_| at.was_live(id)) else { return };
    if matches!(before.phase, Phase::Acquired { expires, .. } if expires <= at.now) {
        let wanted = Task { phase: at.offered_now(), ..Task::clone(before) };
        let after = at.after.task(id);
        let fine = after.is_some_and(|after| **after == wanted);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn extends_exactly(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskHeartbeat(data)) = at.request() else { return };
    if !at.is_granted() {
        return;
    }
    let named: BTreeSet<_> = data.tasks.iter().map(|it| (&it.id, it.version)).collect();
    for id in named.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() {
        let Some(before) = at.before.task(id) else { continue };
        let mut wanted = Task::clone(before);
        if let Phase::Acquired { pid, ttl, expires } = &mut wanted.phase
            && **pid == *data.pid
            && named.contains(&(id, before.version))
            && at.was_live(id)
        {
            *expires = at.now.saturating_add(*ttl);
        }
        let after = at.after.task(id);
        let fine = after.is_some_and(|after| **after == wanted);
        cases.check(fine, || format!("{before:?} became {after:?}"));
    }
}

fn heartbeat_is_narrow(at: &Transition, cases: &mut Cases) {
    let Some(Request::TaskHeartbeat(data)) = at.request() else { return };
    for key in at.outcome.effects.iter().filter_map(|effect| effect.key()) {
        let named = matches!(&key, crate::Key::Task(id)
            if data.tasks.iter().any(|it| it.id == *id));
        cases.check(named, || format!("a heartbeat changes {key:?}"));
    }
    if at.executes().next().is_some() {
        cases.fail("a heartbeat offers a task");
    }
}

fn heartbeat_is_granted(at: &Transition, cases: &mut Cases) {
    if let (Some(Request::TaskHeartbeat(_)), Some(status)) = (at.request(), at.status()) {
        cases.check(status == abide_protocol::Status::Ok, || format!("{status:?}"));
    }
}
