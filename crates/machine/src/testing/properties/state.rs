//! What holds of every state.

use std::sync::Arc;

use abide_protocol::{PromiseState, Request, Value};

use super::{Property, Transition, holds};
use crate::{DueKind, Entry, Internal, Key, Phase, Promise, Row, Step, Task, armed, entries};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "a promise has a task exactly if it is targeted",
        check: task_iff_target,
    },
    Property {
        area: super::Area::Promise,
        name: "a settled promise's task is fulfilled, and the reverse",
        check: fulfilled_iff_settled,
    },
    Property {
        area: super::Area::Promise,
        name: "a promise is well-formed",
        check: well_formed_promise,
    },
    Property { area: super::Area::Promise, name: "a task is well-formed", check: well_formed_task },
    Property {
        area: super::Area::Promise,
        name: "every suspended task is held by a callback that is still to come, unless it was \
               suspended again for nothing",
        check: suspended_is_held,
    },
    Property {
        area: super::Area::Promise,
        name: "every awaiter has the awaited's origin, and a task until that is reclaimed",
        check: awaiters_resumable,
    },
    Property {
        area: super::Area::Promise,
        name: "what somebody waits for is armed",
        check: waited_for_is_armed,
    },
    Property {
        area: super::Area::Promise,
        name: "every armed step is found by an index entry",
        check: armed_is_indexed,
    },
    Property {
        area: super::Area::Promise,
        name: "a message speaks of a settled promise",
        check: message_of_settled,
    },
    Property {
        area: super::Area::Promise,
        name: "a schedule moves forward",
        check: schedule_forward,
    },
];

fn promises<'a>(at: &Transition<'a>) -> impl Iterator<Item = &'a Arc<Promise>> {
    at.after.rows().values().filter_map(|row| match row {
        Row::Promise(promise) => Some(promise),
        _ => None,
    })
}

fn tasks<'a>(at: &Transition<'a>) -> impl Iterator<Item = &'a Arc<Task>> {
    at.after.rows().values().filter_map(|row| match row {
        Row::Task(task) => Some(task),
        _ => None,
    })
}

fn task_iff_target(at: &Transition) -> Result<(), String> {
    for promise in promises(at) {
        let (id, tags) = (&promise.record.id, &promise.record.tags);
        let task = at.after.task(id);
        let address = task.map(|task| &*task.address);
        holds(tags.target() == address, || format!("{id}: {tags:?}, {task:?}"))?;
    }
    tasks(at).try_for_each(|task| {
        holds(at.after.promise(&task.id).is_some(), || format!("no promise {}", task.id))
    })
}

fn fulfilled_iff_settled(at: &Transition) -> Result<(), String> {
    tasks(at).try_for_each(|task| {
        let promise = at.after.promise(&task.id).ok_or("no promise")?;
        let settled = !promise.record.is_pending();
        holds(settled == (task.phase == Phase::Fulfilled), || format!("{promise:?}, {task:?}"))
    })
}

fn well_formed_promise(at: &Transition) -> Result<(), String> {
    for promise in promises(at) {
        let record = &promise.record;
        let by_deadline = record.settled_at == Some(record.timeout_at);
        let well = match record.state {
            PromiseState::Pending => {
                record.settled_at.is_none() && *record.value == Value::default()
            }
            PromiseState::RejectedTimedout => {
                by_deadline && *record.value == Value::default() && !record.tags.is_timer()
            }
            _ => record.settled_at.is_some_and(|time| time <= record.timeout_at),
        };
        holds(well && record.created_at <= record.timeout_at, || format!("{record:?}"))?;
    }
    Ok(())
}

fn well_formed_task(at: &Transition) -> Result<(), String> {
    for task in tasks(at) {
        let well = match &task.phase {
            Phase::Pending { offered, .. } => *offered || task.version == 0,
            Phase::Acquired { pid, ttl, .. } => task.version >= 1 && !pid.is_empty() && *ttl >= 1,
            Phase::Suspended => task.version >= 1 && task.resumes == 0,
            Phase::Halted => true,
            Phase::Fulfilled => task.resumes == 0,
        };
        holds(well && task.version >= 0, || format!("{task:?}"))?;
    }
    Ok(())
}

fn suspended_is_held(at: &Transition) -> Result<(), String> {
    tasks(at).filter(|task| task.phase == Phase::Suspended).try_for_each(|task| {
        let held = promises(at).any(|promise| promise.awaiters.contains(&task.id));
        let again = matches!(at.step, Step::Request(Request::TaskSuspend(it)) if it.again);
        let before = at.before.promises().any(|promise| promise.awaiters.contains(&task.id));
        let still = at.before.task(&task.id) == Some(task) && !before;
        holds(held || again && !before || still, || format!("nothing will resume {task:?}"))
    })
}

fn awaiters_resumable(at: &Transition) -> Result<(), String> {
    for promise in promises(at) {
        for awaiter in &promise.awaiters {
            let reclaimed =
                at.before.task(awaiter).is_none() || matches!(at.step, Step::Reclaim(_));
            let fit = (at.after.task(awaiter).is_some() || reclaimed)
                && awaiter.origin() == promise.record.id.origin()
                && *awaiter != promise.record.id;
            holds(fit, || format!("{awaiter} awaits {}", promise.record.id))?;
        }
    }
    Ok(())
}

fn waited_for_is_armed(at: &Transition) -> Result<(), String> {
    for promise in promises(at).filter(|promise| promise.is_waited_for()) {
        let steps = armed(&Row::Promise(promise.clone()));
        let all = if promise.record.is_pending() {
            matches!(&*steps, [(time, Internal::Deadline { .. })] if *time == promise.record.timeout_at)
        } else {
            let waiting = promise.awaiters.len() + promise.listeners.len();
            steps.len() == waiting + usize::from(promise.cascading)
        };
        holds(all, || format!("{promise:?} arms {steps:?}"))?;
    }
    Ok(())
}

/// Whether an entry is the one by which an armed step is found.
fn finds(entry: &Entry, time: i64, step: &Internal) -> bool {
    match (entry, step) {
        (Entry::Due(due, kind, id), step) if *due == time => match (kind, step) {
            (DueKind::Deadline, Internal::Deadline { id: of })
            | (DueKind::Obligation, Internal::Callback { awaited: of, .. })
            | (DueKind::Obligation, Internal::Listener { id: of, .. })
            | (DueKind::Obligation, Internal::Cascade { id: of })
            | (DueKind::Dispatch, Internal::Dispatch { id: of })
            | (DueKind::Lease, Internal::Lease { id: of })
            | (DueKind::Occurrence, Internal::Occurrence { id: of, .. }) => of == id,
            _ => false,
        },
        (Entry::Ready(_, id), Internal::Dispatch { id: of }) => of == id,
        _ => false,
    }
}

fn armed_is_indexed(at: &Transition) -> Result<(), String> {
    for row in at.after.rows().values() {
        let (steps, entries) = (armed(row), entries(row));
        let found =
            |(time, step): &(i64, Internal)| entries.iter().any(|entry| finds(entry, *time, step));
        let needed = |entry: &Entry| match entry {
            Entry::Due(..) | Entry::Ready(..) => {
                steps.iter().any(|(time, step)| finds(entry, *time, step))
            }
            Entry::Branch(..) | Entry::Held(..) | Entry::Owned(..) => true,
        };
        let both = steps.iter().all(found) && entries.iter().all(needed);
        holds(both, || format!("{row:?} arms {steps:?} but is indexed by {entries:?}"))?;
    }
    Ok(())
}

fn message_of_settled(at: &Transition) -> Result<(), String> {
    at.after.rows().keys().try_for_each(|key| match key {
        Key::Unblock(_, id) => {
            let settled = at.after.promise(id).is_some_and(|it| !it.record.is_pending());
            holds(settled, || format!("{id} is not settled"))
        }
        _ => Ok(()),
    })
}

fn schedule_forward(at: &Transition) -> Result<(), String> {
    at.after.rows().values().try_for_each(|row| match row {
        Row::Schedule(schedule) => {
            let record = &schedule.record;
            let last = record.last_run_at.unwrap_or(record.created_at);
            holds(last < record.next_run_at, || format!("{record:?}"))
        }
        _ => Ok(()),
    })
}
