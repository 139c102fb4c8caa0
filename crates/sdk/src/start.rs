//! Executions that begin.

use std::{sync::Arc, time::Duration};

use abide_protocol::{
    CreateAction, PromiseCreate, PromiseGet, PromiseRecord, Request, Status, TaskCreate, TaskGet,
    TaskState,
};

use crate::{
    clock,
    codec::Unreadable,
    core::{ask::Ask, fingerprint},
    error::{Error, ErrorKind, Result},
    payload::Invocation,
    wire,
    worker::{Lost, Worker, refused},
};

/// How long a request from outside waits for an engine that is out of reach: longer than a link waits
/// for one answer, so that what was lost is asked for again.
const PATIENCE: Duration = Duration::from_secs(15);

/// Begins an execution in this process, or finds the one that there is.
pub(crate) async fn here(worker: &Arc<Worker>, id: &str, ask: &Ask) -> Result<()> {
    let create = wire::root(&worker.settings.layers, id, ask, &worker.home_address());
    let request = Request::TaskCreate(TaskCreate {
        pid: worker.pid.clone(),
        ttl: clock::span(worker.settings.lease),
        action: CreateAction { corr_id: String::new(), create },
    });
    let answer = worker.call(request, PATIENCE).await.map_err(|Lost(error)| error)?;
    match answer.response.status {
        // It may be running or suspended, here or elsewhere.
        Status::Ok | Status::Conflict => {}
        _ => return Err(refused(&answer.response).of(id)),
    }
    // Whoever asked for it first, what we hold is ours to execute now.
    let existing = answer.response.promise().cloned();
    if let Some(claim) = worker.claimed(&id.into(), answer).await {
        let driven = worker.drive(&claim, worker.permit());
        same(worker, &claim.promise, ask)?;
        return driven.map_err(|why| Error::misuse("unknown_function", why).of(id));
    }
    let promise = match existing {
        Some(promise) => promise,
        None => {
            let response = call(worker, Request::PromiseGet(PromiseGet { id: id.into() })).await?;
            response.promise().cloned().ok_or_else(|| refused(&response).of(id))?
        }
    };
    same(worker, &promise, ask)?;
    if !promise.is_pending() {
        return Ok(());
    }
    let response = call(worker, Request::TaskGet(TaskGet { id: id.into() })).await?;
    match response.task() {
        Some(task) if task.state == TaskState::Halted => Err(halted(id)),
        _ => Ok(()),
    }
}

/// Begins an execution elsewhere, or finds the one that there is.
pub(crate) async fn elsewhere(
    worker: &Worker,
    create: PromiseCreate,
) -> Result<Arc<PromiseRecord>> {
    let response = call(worker, Request::PromiseCreate(create)).await?;
    match response.promise() {
        Some(promise) => Ok(promise.clone()),
        None => Err(refused(&response)),
    }
}

async fn call(worker: &Worker, request: Request) -> Result<abide_protocol::Response> {
    let answer = worker.call(request, PATIENCE).await;
    Ok(answer.map_err(|Lost(error)| error)?.response)
}

fn halted(id: &str) -> Error {
    let message = "the execution is halted, by an operator or because the code did not agree with \
                   its records; continue it with `abide.get(id).resume()` or `abide task continue`";
    Error::new(ErrorKind::Diverged, "halted", message).into_permanent().of(id)
}

/// Whether a promise was created for this very call.
pub(crate) fn same(worker: &Worker, promise: &PromiseRecord, ask: &Ask) -> Result<()> {
    let recorded = Invocation::read(&worker.settings.layers, promise);
    let recorded = recorded.map_err(|why| Unreadable::into_error(why).of(&promise.id))?;
    let same = recorded.as_ref().is_some_and(|recorded| {
        *recorded.func == *ask.func
            && fingerprint::of_text(&recorded.array()) == Some(ask.fingerprint)
    });
    if same {
        return Ok(());
    }
    let recorded = recorded.map_or_else(
        || "something that is no function call".to_owned(),
        |recorded| format!("{}{}", recorded.func, recorded.array()),
    );
    let message =
        format!("the id {} belongs to {recorded}, and not to {}{}", promise.id, ask.func, ask.args);
    Err(Error::misuse("id_in_use", message).of(&promise.id))
}
