//! What holds of the promises that have woken a task.

use abide_protocol::{Request, Status};

use super::{Property, Transition, holds};
use crate::{RESUMED_LIMIT, Step, promise_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "as many are remembered as counted, up to the limit",
        check: remembered,
    },
    Property { area: super::Area::Promise, name: "what wakes a task is settled", check: settled },
    Property {
        area: super::Area::Promise,
        name: "a worker that asks for it is told of all that has woken the task",
        check: told,
    },
    Property {
        area: super::Area::Promise,
        name: "a suspension again loses no wake",
        check: again_loses_nothing,
    },
];

fn remembered(at: &Transition) -> Result<(), String> {
    let offered = at.after.config().extensions.resumed();
    tasks(at).try_for_each(|task| {
        let count = if offered { task.resumes.min(RESUMED_LIMIT as u64) } else { 0 };
        let fine = task.resumed.len() as u64 == count;
        holds(fine, || format!("{task:?}"))
    })
}

/// When it is remembered, that is: whoever reclaims a promise and creates it anew breaks a promise
/// of its own.
fn settled(at: &Transition) -> Result<(), String> {
    tasks(at).try_for_each(|task| {
        let had = at.before.task(&task.id).map_or(0, |before| before.resumed.len());
        task.resumed.iter().skip(had).try_for_each(|id| {
            let promise = at.after.promise(id);
            let fine = promise.is_some_and(|it| !promise_at(&it.record, at.now).is_pending());
            holds(fine, || format!("{promise:?} has woken a task"))
        })
    })
}

fn told(at: &Transition) -> Result<(), String> {
    let Some(response) = &at.outcome.response else { return Ok(()) };
    let id = match at.step {
        Step::Request(Request::TaskAcquire(data))
            if data.resumed && response.status == Status::Ok =>
        {
            &data.id
        }
        Step::Request(Request::TaskSuspend(data))
            if data.again && response.status == Status::Redirect =>
        {
            &data.id
        }
        _ => return Ok(()),
    };
    if !at.after.config().extensions.resumed() {
        return holds(at.outcome.told.is_none(), || "nobody offers that".into());
    }
    let task = at.before.task(id).ok_or("no task")?;
    let told = at.outcome.told.as_ref().ok_or("nothing is told")?;
    let all = task.resumed.iter().all(|id| told.contains(id));
    holds(all, || format!("{told:?} is told of {task:?}"))
}

fn again_loses_nothing(at: &Transition) -> Result<(), String> {
    let (Step::Request(Request::TaskSuspend(data)), Some(response)) =
        (at.step, &at.outcome.response)
    else {
        return Ok(());
    };
    let offered = at.after.config().extensions.resumed();
    if !data.again || !offered || response.status != Status::Ok {
        return Ok(());
    }
    let task = at.before.task(&data.id).ok_or("no task")?;
    holds(task.resumes == 0, || format!("{task:?} is suspended"))
}

fn tasks<'a>(at: &Transition<'a>) -> impl Iterator<Item = &'a crate::Task> {
    at.after.rows().values().filter_map(|row| match row {
        crate::Row::Task(task) => Some(&**task),
        _ => None,
    })
}
