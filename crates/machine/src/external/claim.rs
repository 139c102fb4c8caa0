use abide_protocol::{Body, Response, Status, TaskAcquire, TaskCreate};

use super::create::{Draft, fresh, unborn_task};
use crate::{
    Outcome, Phase, Task,
    moment::{Moment, TaskNow, Verdict, done, put_promise, put_task, unchanged},
};

pub(super) fn create(at: &Moment, data: &TaskCreate) -> Verdict {
    let create = &data.action.create;
    let Some(promise) = at.promise(&create.id) else { return birth(at, data) };
    if promise.record.tags.target().is_none() {
        return Err(Response::error(
            Status::Unprocessable,
            format!("the promise {:?} exists without a target, so it has no task", &*create.id),
        ));
    }
    let task = at.task(&create.id).expect("a targeted promise is stored with its task");
    if !task.is_live() {
        let body = Body::Claim {
            task: task.record(),
            promise: promise.record,
            preload: Vec::new(),
            more: false,
        };
        return unchanged(body);
    }
    match task.row.phase {
        Phase::Pending { .. } => claim(at, &task, &data.pid, data.ttl, false),
        _ => Err(task.conflict("it is not pending")),
    }
}

/// The promise and its task are new. Nothing is dispatched: the caller holds the task.
fn birth(at: &Moment, data: &TaskCreate) -> Verdict {
    let promise = Draft::requested(&data.action.create, at.now).record(at.now);
    let unborn = unborn_task(&promise).expect("the request was checked to have a target");
    let task = if promise.is_pending() {
        Task {
            version: i64::from(!fault!(BornAtZero)),
            phase: at.held(&data.pid, data.ttl),
            ..unborn
        }
    } else {
        unborn
    };
    let body = Body::Claim {
        task: task.record(),
        promise: promise.clone(),
        preload: Vec::new(),
        more: false,
    };
    done(body, vec![put_promise(fresh(&promise)), put_task(task)])
}

pub(super) fn acquire(at: &Moment, data: &TaskAcquire) -> Verdict {
    let task = at.need_task(&data.id)?;
    let live = task.is_live() || fault!(AcquirePastDeadline);
    let free = matches!(task.row.phase, Phase::Pending { .. }) || fault!(AcquireHeld);
    if !live || !free {
        return Err(task.conflict("it is not pending"));
    }
    if task.row.version != data.version && !fault!(AcquireStale) {
        return Err(task.conflict(&format!("it is not offered at version {}", data.version)));
    }
    claim(at, &task, &data.pid, data.ttl, data.resumed)
}

/// The only place where a version moves, but for a birth into a claim.
fn claim(at: &Moment, task: &TaskNow, pid: &str, ttl: i64, resumed: bool) -> Verdict {
    let mut held = Task {
        version: task.row.version + 1,
        resumes: 0,
        resumed: Vec::new(),
        phase: at.held(pid, ttl),
        ..task.to_task()
    };
    fault!(VersionKept => held.version = task.row.version);
    fault!(ResumesKept => held.resumes = task.row.resumes);
    let body = Body::Claim {
        task: held.record(),
        promise: task.promise.record.clone(),
        preload: Vec::new(),
        more: resumed && task.row.has_more(),
    };
    let told = resumed.then(|| task.row.resumed.clone());
    Ok(Outcome { response: Some(Response::ok(body)), effects: vec![put_task(held)], told })
}
