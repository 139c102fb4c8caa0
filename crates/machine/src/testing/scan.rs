//! What an engine does with scans, done over a model.

use std::sync::Arc;

use abide_protocol::{
    Body, Id, Leased, Millis, PromiseRecord, Request, Response, ScheduleRecord, Status,
    TaskHeartbeat, TaskRecord, TaskState,
};

use super::Model;
use crate::{
    Key, Page, Phase, Row, Task, View, promise_at, promise_matches, schedule_matches, task_at,
    task_matches,
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

/// The heartbeat of all that a process holds, if the request is one that names no task.
pub(super) fn expand(model: &Model, request: &Request) -> Request {
    match request {
        Request::TaskHeartbeat(TaskHeartbeat { pid, tasks: named }) if named.is_empty() => {
            let held = tasks(model).filter(|task| match &task.phase {
                Phase::Acquired { pid: holder, .. } => **holder == **pid,
                _ => false,
            });
            let tasks = held.map(|task| Leased { id: task.id.clone(), version: task.version });
            Request::TaskHeartbeat(TaskHeartbeat { pid: pid.clone(), tasks: tasks.collect() })
        }
        _ => request.clone(),
    }
}

/// Fills in the preload of a claim or of a refused suspension.
pub(super) fn preload(model: &Model, request: &Request, response: &mut Response, now: Millis) {
    let id = match request {
        Request::TaskCreate(data) => &data.action.create.id,
        Request::TaskAcquire(data) => &data.id,
        Request::TaskSuspend(data) if response.status == Status::Redirect => &data.id,
        _ => return,
    };
    let Some(branch) = model.promise(id).and_then(|promise| promise.record.tags.branch()) else {
        return;
    };
    match &mut response.body {
        Body::Claim { task, .. } if task.state != TaskState::Acquired => {}
        Body::Claim { preload, .. } | Body::Preload { preload, .. } => {
            let of_branch = promises(model, now)
                .filter(|promise| promise.id != *id && promise.tags.branch() == Some(branch));
            *preload = of_branch.take(model.config().preload_limit).collect();
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
