use abide_protocol::{Body, Response, Status, TaskSuspend};

use crate::{
    Outcome, Phase, Promise, Task,
    moment::{Moment, Verdict, done, put_promise, put_task},
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
    let mut effects = Vec::new();
    if awaited.iter().any(|promise| !promise.record.is_pending()) {
        if task.row.resumes != 0 {
            effects.push(put_task(Task { resumes: 0, ..task.to_task() }));
        }
        let body = Body::Preload { preload: Vec::new(), more: data.resumed };
        let response = Response { status: Status::Redirect, body };
        return Ok(Outcome { response: Some(response), effects });
    }
    for promise in awaited {
        if !promise.row.awaiters.contains(&data.id) {
            let mut promise = Promise::clone(promise.row);
            promise.awaiters.insert(data.id.clone());
            effects.push(put_promise(promise));
        }
    }
    effects.push(put_task(Task { resumes: 0, phase: Phase::Suspended, ..task.to_task() }));
    done(Body::Empty {}, effects)
}
