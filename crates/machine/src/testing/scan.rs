//! What an engine does with scans, done over a model.

use std::sync::Arc;

use abide_protocol::{
    Body, Id, Leased, Millis, PromiseRecord, Request, Response, ScheduleRecord, Status,
    TaskHeartbeat, TaskReclaim, TaskRecord, TaskState,
};

use super::Model;
use crate::{
    Key, Outcome, Page, Phase, Row, Step, Task, View, owner, promise_at, promise_matches,
    schedule_matches, task_at, task_matches,
};

/// The answer to a search.
pub(super) fn search(model: &Model, request: &Request, now: Millis) -> Option<Response> {
    if !matches!(
        request,
        Request::PromiseSearch(_) | Request::TaskSearch(_) | Request::ScheduleSearch(_)
    ) {
        return None;
    }
    if let Err(invalid) = request.validate() {
        return Some(invalid.into());
    }
    Some(Response::ok(match request {
        Request::PromiseSearch(search) => {
            let matches = promises(model, now).filter(|promise| promise_matches(search, promise));
            let (promises, cursor) = cut(matches, Page::of_promises(search), |promise| &promise.id);
            Body::Promises { promises, cursor }
        }
        Request::TaskSearch(search) => {
            let tasks = tasks(model).map(|task| record(model, task, now));
            let matches = tasks.filter(|task| task_matches(search, task));
            let (tasks, cursor) = cut(matches, Page::of_tasks(search), |task| &task.id);
            Body::Tasks { tasks, cursor }
        }
        Request::ScheduleSearch(search) => {
            let matches = schedules(model).filter(|schedule| schedule_matches(search, schedule));
            let page = Page::of_schedules(search);
            let (schedules, cursor) = cut(matches, page, |schedule| &schedule.id);
            Body::Schedules { schedules, cursor }
        }
        _ => return None,
    }))
}

/// The step that a request comes to: the heartbeat of all that a process holds, if it names no
/// task; the reclamation of all that is below what it names.
pub(super) fn expand(model: &Model, request: &Request, now: Millis) -> Step {
    let reclaim = model.config().extensions.reclaim();
    Step::Request(match request {
        Request::TaskReclaim(data) if reclaim && request.validate().is_ok() => {
            return Step::Reclaim(reclamation(model, data, now));
        }
        Request::TaskHeartbeat(TaskHeartbeat { pid, tasks: named }) if named.is_empty() => {
            let held = tasks(model).filter(|task| match &task.phase {
                Phase::Acquired { pid: holder, .. } => **holder == **pid,
                _ => false,
            });
            let tasks = held.map(|task| Leased { id: task.id.clone(), version: task.version });
            Request::TaskHeartbeat(TaskHeartbeat { pid: pid.clone(), tasks: tasks.collect() })
        }
        _ => request.clone(),
    })
}

/// All that is below those of the named promises that are below the task and have nothing below
/// them that is still to come.
fn reclamation(model: &Model, data: &TaskReclaim, now: Millis) -> TaskReclaim {
    let below = |name: &Id| {
        let name = name.clone();
        model.promises().filter(move |it| it.record.id.is_or_extends(&name))
    };
    // What is not below the task is for the machine to keep.
    let done = |name: &&Id| below(name).all(|it| it.is_done(now));
    let names = data.promises.iter().filter(done);
    let promises = names.flat_map(below).map(|it| it.record.id.clone()).collect();
    TaskReclaim { promises, ..data.clone() }
}

/// The pending promises that a promise owns.
pub(super) fn owned(model: &Model, by: &Id) -> impl Iterator<Item = Id> {
    let pending = model.promises().map(|it| &it.record).filter(|record| record.is_pending());
    let owned = pending.filter(|record| owner(record) == Some(&**by));
    owned.map(|record| record.id.clone())
}

/// Fills in the preload of a claim or of a refused suspension.
pub(super) fn preload(model: &Model, request: &Request, outcome: &mut Outcome, now: Millis) {
    let Some(response) = &mut outcome.response else { return };
    let id = match request {
        Request::TaskCreate(data) => &data.action.create.id,
        Request::TaskAcquire(data) => &data.id,
        Request::TaskSuspend(data) if response.status == Status::Redirect => &data.id,
        _ => return,
    };
    let tags = model.promise(id).map(|promise| promise.record.tags.clone());
    let branch = tags.as_ref().and_then(|tags| tags.branch());
    let limit = model.config().preload_limit;
    let told: Vec<Arc<PromiseRecord>> = match (&outcome.told, branch) {
        (Some(ids), _) => {
            let stored = ids.iter().filter_map(|id| model.promise(id));
            let stored = stored.map(|promise| promise_at(&promise.record, now));
            stored.filter(|record| !record.is_pending()).collect()
        }
        (None, Some(branch)) => promises(model, now)
            .filter(|promise| promise.id != *id && promise.id.extends(branch))
            .filter(|promise| promise.tags.branch() == Some(branch))
            .take(limit)
            .collect(),
        (None, None) => return,
    };
    match &mut response.body {
        Body::Claim { task, .. } if task.state != TaskState::Acquired => {}
        Body::Claim { preload, more, .. } | Body::Preload { preload, more } => {
            *more |= told.len() > limit;
            *preload = told.into_iter().take(limit).collect();
        }
        _ => {}
    }
}

fn promises(model: &Model, now: Millis) -> impl Iterator<Item = Arc<PromiseRecord>> + '_ {
    model.rows().values().filter_map(move |row| match row {
        Row::Promise(promise) => Some(promise_at(&promise.record, now)),
        _ => None,
    })
}

fn tasks(model: &Model) -> impl Iterator<Item = &Arc<Task>> + '_ {
    let from = Key::Task(Id::from(""));
    model.rows().range(from..).map_while(|(_, row)| match row {
        Row::Task(task) => Some(task),
        _ => None,
    })
}

fn schedules(model: &Model) -> impl Iterator<Item = Arc<ScheduleRecord>> + '_ {
    model.rows().values().filter_map(|row| match row {
        Row::Schedule(schedule) => Some(schedule.record.clone()),
        _ => None,
    })
}

fn record(model: &Model, task: &Arc<Task>, now: Millis) -> TaskRecord {
    let promise = model.promise(&task.id).expect("a task is stored with its promise");
    task_at(task, &promise.record, now).record()
}

fn cut<T>(
    matches: impl Iterator<Item = T>,
    page: Page,
    id: impl Fn(&T) -> &Id,
) -> (Vec<T>, Option<String>) {
    let after = page.after.unwrap_or("");
    let mut rest = matches.filter(|record| **id(record) > *after);
    let records: Vec<_> = rest.by_ref().take(page.size).collect();
    let cursor = match (records.last(), rest.next()) {
        (Some(last), Some(_)) => Some(id(last).to_string()),
        _ => None,
    };
    (records, cursor)
}
