use abide_protocol::{Body, Id, Response, Status, TaskSuspend};

use crate::{
    Outcome, Phase, Promise, Task,
    moment::{Moment, PromiseNow, TaskNow, Verdict, done, put_promise, put_task},
};

pub(super) fn suspend(at: &Moment, data: &TaskSuspend) -> Verdict {
    let task = at.need_held(&data.id, data.version)?;
    let mut awaited = Vec::with_capacity(data.actions.len());
    for action in &data.actions {
        let id = &action.callback.awaited;
        awaited.push(at.promise(id).ok_or_else(|| {
            let message = format!("the awaited promise {:?} does not exist", &**id);
            Response::error(Status::Unprocessable, message)
        })?);
    }
    let woken = data.again && task.row.resumes > 0 && !fault!(SuspendOverWake);
    if woken || awaited.iter().any(is_settled) {
        return Ok(go_on(data, &task, &awaited));
    }
    let mut effects = Vec::new();
    for promise in awaited {
        if !promise.row.awaiters.contains(&data.id) {
            let mut promise = Promise::clone(promise.row);
            promise.awaiters.insert(data.id.clone());
            effects.push(put_promise(promise));
        }
        fault!(SuspendOnFirst => break);
    }
    fault!(LeaseKeptAtSuspend => return done(Body::Empty {}, effects));
    effects.push(put_task(Task { phase: Phase::Suspended, ..unwoken(&task) }));
    done(Body::Empty {}, effects)
}

fn is_settled(promise: &PromiseNow) -> bool {
    fault!(SuspendOnSettled => return false);
    fault!(SuspendPastDeadline => return !promise.row.record.is_pending());
    !promise.record.is_pending()
}

/// The task, with what has woken it told.
fn unwoken(task: &TaskNow) -> Task {
    Task { resumes: 0, resumed: Vec::new(), ..task.to_task() }
}

/// Something has settled already: the task is not suspended, and nothing is registered.
fn go_on(data: &TaskSuspend, task: &TaskNow, awaited: &[PromiseNow]) -> Outcome {
    let settled = || awaited.iter().filter(|it| is_settled(it)).map(|it| it.record.id.clone());
    let told: Option<Vec<Id>> = if data.again {
        let woken = task.row.resumed.iter();
        let others = settled().filter(|id| !task.row.resumed.contains(id));
        Some(woken.cloned().chain(others).collect())
    } else {
        data.resumed.then(|| settled().collect())
    };
    let mut effects =
        if task.row.resumes == 0 { Vec::new() } else { vec![put_task(unwoken(task))] };
    fault!(RefusalKeepsResumes => effects.clear());
    let more = data.again && task.row.has_more();
    let body = Body::Preload { preload: Vec::new(), more };
    let response = Response { status: Status::Redirect, body };
    Outcome { response: Some(response), effects, told }
}
