//! What holds of a task from one state to the next.

use std::sync::Arc;

use abide_protocol::{Id, Request, Status, TaskState};

use super::{Property, Transition, holds};
use crate::{Effect, Internal, Phase, Row, Step, Task, View, is_live, task_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "a version moves by one on acquisition and never otherwise",
        check: version_is_a_fence,
    },
    Property {
        area: super::Area::Promise,
        name: "a task is acquired only from pending and live",
        check: claim_is_exclusive,
    },
    Property {
        area: super::Area::Promise,
        name: "no execute for a dead task",
        check: execute_is_live,
    },
    Property {
        area: super::Area::Promise,
        name: "resumes count what has settled since the acquisition",
        check: resumes_count,
    },
    Property { area: super::Area::Promise, name: "fulfilled is final", check: fulfilled_is_final },
    Property {
        area: super::Area::Promise,
        name: "a task whose promise has settled only ever ends",
        check: dead_only_ends,
    },
    Property {
        area: super::Area::Promise,
        name: "a claim is lost only by a step that may take it",
        check: claim_is_kept,
    },
    Property {
        area: super::Area::Promise,
        name: "a response tells of the task as it is",
        check: response_is_projected,
    },
];

/// Every task that is there after, with itself before.
fn pairs<'a>(at: &Transition<'a>) -> impl Iterator<Item = (Option<&'a Arc<Task>>, &'a Arc<Task>)> {
    let before = at.before;
    at.after.rows().values().filter_map(move |row| match row {
        Row::Task(after) => Some((before.task(&after.id), after)),
        _ => None,
    })
}

/// The task that the step acquires, if it does.
fn acquired<'a>(at: &Transition<'a>) -> Option<&'a Id> {
    match at.step {
        Step::Request(Request::TaskAcquire(data)) => Some(&data.id),
        Step::Request(Request::TaskCreate(data)) => Some(&data.action.create.id),
        _ => None,
    }
}

fn version_is_a_fence(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let moved = after.version - before.map_or(0, |task| task.version);
        let claimed = acquired(at) == Some(&after.id)
            && after.state() == TaskState::Acquired
            && before.is_none_or(|task| task.state() != TaskState::Acquired);
        holds(moved == i64::from(claimed), || format!("{before:?} became {after:?}"))
    })
}

fn claim_is_exclusive(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let fresh = after.state() == TaskState::Acquired
            && before.is_some_and(|task| task.state() != TaskState::Acquired);
        let fit = before.is_some_and(|task| {
            let promise = at.before.promise(&task.id);
            task.state() == TaskState::Pending
                && promise.is_some_and(|promise| is_live(&promise.record, at.now))
        });
        holds(!fresh || fit, || format!("{before:?} became {after:?}"))
    })
}

fn execute_is_live(at: &Transition) -> Result<(), String> {
    at.outcome.effects.iter().try_for_each(|effect| {
        let Effect::Execute { address, id, version } = effect else { return Ok(()) };
        let task = at.after.task(id).ok_or("no task")?;
        let promise = at.after.promise(id).ok_or("no promise")?;
        let due = at.now.saturating_add(at.after.config().retry_interval);
        let fit = is_live(&promise.record, at.now)
            && task.phase == (Phase::Pending { due, offered: true })
            && task.version == *version
            && task.address == *address;
        holds(fit, || format!("{effect:?} for {task:?}"))
    })
}

/// A callback step adds one, unless the task has ended; an acquisition, a suspension and the end
/// clear them; nothing else touches them.
fn resumes_count(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let had = before.map_or(0, |task| task.resumes);
        let count = match at.step {
            _ if after.phase == Phase::Fulfilled => 0,
            Step::Internal(Internal::Callback { awaited, awaiter }) if *awaiter == after.id => {
                let waits = |view: &dyn View| {
                    view.promise(awaited).is_some_and(|it| it.awaiters.contains(awaiter))
                };
                had + u64::from(waits(&at.before) && !waits(&at.after))
            }
            Step::Request(Request::TaskSuspend(data)) if data.id == after.id => {
                let status = at.outcome.response.as_ref().map(|response| response.status);
                let went_through = status.is_some_and(|status| status < Status::BadRequest);
                if went_through { 0 } else { had }
            }
            _ if acquired(at) == Some(&after.id) && Some(after) != before => 0,
            _ => had,
        };
        holds(after.resumes == count, || format!("{before:?} became {after:?}"))
    })
}

fn fulfilled_is_final(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| match before {
        Some(before) if before.phase == Phase::Fulfilled => {
            holds(before == after, || format!("{before:?} became {after:?}"))
        }
        _ => Ok(()),
    })
}

fn dead_only_ends(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let Some(before) = before else { return Ok(()) };
        let promise = at.before.promise(&before.id).ok_or("no promise")?;
        let ended = task_at(before, &promise.record, at.now);
        let fine = is_live(&promise.record, at.now) || after == before || *after == ended;
        holds(fine, || format!("{before:?} became {after:?}"))
    })
}

/// The task that a step may take from its holder.
fn may_take(step: &Step) -> Option<&Id> {
    match step {
        Step::Request(Request::TaskRelease(data)) => Some(&data.id),
        Step::Request(Request::TaskSuspend(data)) => Some(&data.id),
        Step::Request(Request::TaskHalt(data)) => Some(&data.id),
        Step::Internal(Internal::Lease { id }) => Some(id),
        _ => None,
    }
}

fn claim_is_kept(at: &Transition) -> Result<(), String> {
    pairs(at).try_for_each(|(before, after)| {
        let Some(before) = before else { return Ok(()) };
        let Phase::Acquired { pid, expires, .. } = &before.phase else { return Ok(()) };
        match &after.phase {
            Phase::Acquired { pid: holder, expires: later, .. } => {
                holds(pid == holder && expires <= later, || format!("{before:?} became {after:?}"))
            }
            Phase::Fulfilled => Ok(()),
            _ => {
                let lapsed = *expires <= at.now;
                let lease = matches!(at.step, Step::Internal(_));
                let fine = may_take(at.step) == Some(&after.id) && (lapsed || !lease);
                holds(fine, || format!("{before:?} became {after:?}"))
            }
        }
    })
}

fn response_is_projected(at: &Transition) -> Result<(), String> {
    let Some(told) = at.outcome.response.as_ref().and_then(|response| response.task()) else {
        return Ok(());
    };
    let task = at.after.task(&told.id).ok_or("no task")?;
    let promise = at.after.promise(&told.id).ok_or("no promise")?;
    let is = task_at(task, &promise.record, at.now).record();
    holds(is == *told, || format!("told {told:?} of {is:?}"))
}
