//! Requests in one line.

use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Id, Millis, PromiseCreate, PromiseGet,
    PromiseSearch, PromiseSettle, PromiseState, RegisterCallback, RegisterListener, Request,
    ScheduleCreate, ScheduleDelete, ScheduleSearch, SettleAction, SettleState, Tags, TaskAcquire,
    TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet, TaskHalt, TaskHeartbeat,
    TaskReclaim, TaskRelease, TaskSearch, TaskState, TaskSuspend, Value,
};

/// A deadline that no test reaches.
pub(crate) const FAR: Millis = 9_000_000_000_000;

/// The address of the workers.
pub(crate) const WORKERS: &str = "poll://any@workers";

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Arc<Tags> {
    Arc::new(pairs.iter().copied().collect())
}

pub(crate) fn promise(id: &str, timeout_at: Millis, tags_: &[(&str, &str)]) -> PromiseCreate {
    PromiseCreate { id: id.into(), timeout_at, param: Arc::default(), tags: tags(tags_) }
}

pub(crate) fn create(id: &str) -> Request {
    Request::PromiseCreate(promise(id, FAR, &[]))
}

pub(crate) fn create_with(id: &str, param: &str) -> Request {
    let param = Arc::new(Value::of(param));
    Request::PromiseCreate(PromiseCreate { param, ..promise(id, FAR, &[]) })
}

pub(crate) fn external(id: &str, timeout_at: Millis) -> Request {
    Request::PromiseCreate(promise(id, timeout_at, &[("resonate:external", "true")]))
}

pub(crate) fn targeted(id: &str, address: &str) -> Request {
    targeted_until(id, address, FAR)
}

pub(crate) fn targeted_until(id: &str, address: &str, timeout_at: Millis) -> Request {
    let tags = [("resonate:target", address), ("resonate:branch", id)];
    Request::PromiseCreate(promise(id, timeout_at, &tags))
}

pub(crate) fn delayed(id: &str, address: &str, until: Millis) -> Request {
    let until = until.to_string();
    let tags = [("resonate:target", address), ("resonate:delay", &until)];
    Request::PromiseCreate(promise(id, FAR, &tags))
}

pub(crate) fn branched(id: &str, branch: &str) -> Request {
    Request::PromiseCreate(promise(id, FAR, &[("resonate:branch", branch)]))
}

/// The same with a task.
pub(crate) fn branched_task(id: &str, branch: &str, address: &str) -> Request {
    let tags = [("resonate:branch", branch), ("resonate:target", address)];
    Request::PromiseCreate(promise(id, FAR, &tags))
}

pub(crate) fn get(id: &str) -> Request {
    Request::PromiseGet(PromiseGet { id: id.into() })
}

pub(crate) fn task(id: &str) -> Request {
    Request::TaskGet(TaskGet { id: id.into() })
}

fn resolved(id: &str) -> PromiseSettle {
    let value = Arc::new(Value::of(format!("value of {id}")));
    PromiseSettle { id: id.into(), state: SettleState::Resolved, value }
}

pub(crate) fn settle(id: &str) -> Request {
    Request::PromiseSettle(resolved(id))
}

pub(crate) fn listen(id: &str, address: &str) -> Request {
    let address = address.into();
    Request::PromiseRegisterListener(RegisterListener { awaited: id.into(), address })
}

pub(crate) fn callback(awaited: &str, awaiter: &str) -> Request {
    let callback = RegisterCallback { awaited: awaited.into(), awaiter: awaiter.into() };
    Request::PromiseRegisterCallback(callback)
}

pub(crate) fn acquire(id: &str, version: i64) -> Request {
    acquire_by(id, version, "p1", 60_000)
}

pub(crate) fn acquire_by(id: &str, version: i64, pid: &str, ttl: Millis) -> Request {
    Request::TaskAcquire(TaskAcquire {
        id: id.into(),
        version,
        pid: pid.into(),
        ttl,
        resumed: false,
    })
}

pub(crate) fn task_create(id: &str, pid: &str, ttl: Millis) -> Request {
    let create = promise(id, FAR, &[("resonate:target", WORKERS), ("resonate:branch", id)]);
    let action = CreateAction { corr_id: "1".into(), create };
    Request::TaskCreate(TaskCreate { pid: pid.into(), ttl, action })
}

pub(crate) fn fence_create(id: &str, version: i64, child: &str) -> Request {
    let create = promise(child, FAR, &[("resonate:branch", id)]);
    let action = FenceAction::Create(CreateAction { corr_id: "1".into(), create });
    Request::TaskFence(TaskFence { id: id.into(), version, action })
}

pub(crate) fn fence_settle(id: &str, version: i64, child: &str) -> Request {
    let action = FenceAction::Settle(SettleAction { corr_id: "1".into(), settle: resolved(child) });
    Request::TaskFence(TaskFence { id: id.into(), version, action })
}

pub(crate) fn suspend(id: &str, version: i64, awaited: &[&str]) -> Request {
    let action = |awaited: &&str| CallbackAction {
        corr_id: "1".into(),
        callback: RegisterCallback { awaited: (*awaited).into(), awaiter: id.into() },
    };
    let actions = awaited.iter().map(action).collect();
    Request::TaskSuspend(TaskSuspend {
        id: id.into(),
        version,
        actions,
        resumed: false,
        again: false,
    })
}

pub(crate) fn fulfill(id: &str, version: i64) -> Request {
    let action = SettleAction { corr_id: "1".into(), settle: resolved(id) };
    Request::TaskFulfill(TaskFulfill { id: id.into(), version, action })
}

pub(crate) fn release(id: &str, version: i64) -> Request {
    Request::TaskRelease(TaskRelease { id: id.into(), version })
}

pub(crate) fn halt(id: &str) -> Request {
    Request::TaskHalt(TaskHalt { id: id.into() })
}

pub(crate) fn resume(id: &str) -> Request {
    Request::TaskContinue(TaskContinue { id: id.into() })
}

/// A heartbeat for whatever the process holds.
pub(crate) fn heartbeat(pid: &str) -> Request {
    Request::TaskHeartbeat(TaskHeartbeat { pid: pid.into(), tasks: Vec::new() })
}

pub(crate) fn search(state: Option<PromiseState>, limit: i64, cursor: Option<String>) -> Request {
    let limit = Some(limit);
    Request::PromiseSearch(PromiseSearch { state, tags: Tags::default(), limit, cursor })
}

pub(crate) fn search_tasks(
    state: Option<TaskState>,
    limit: i64,
    cursor: Option<String>,
) -> Request {
    Request::TaskSearch(TaskSearch { state, limit: Some(limit), cursor })
}

pub(crate) fn every_second(id: &str) -> Request {
    Request::ScheduleCreate(ScheduleCreate {
        id: Id::from(id),
        cron: "* * * * * *".into(),
        promise_id: "{{.id}}-{{.timestamp}}".into(),
        promise_timeout: 500,
        promise_param: Arc::default(),
        promise_tags: tags(&[("resonate:target", WORKERS)]),
    })
}

pub(crate) fn delete_schedule(id: &str) -> Request {
    Request::ScheduleDelete(ScheduleDelete { id: id.into() })
}

pub(crate) fn search_schedules(limit: i64, cursor: Option<String>) -> Request {
    let tags = Tags::default();
    Request::ScheduleSearch(ScheduleSearch { tags, limit: Some(limit), cursor })
}

/// A promise that another one owns; with an address, so that it has a task.
pub(crate) fn owned(id: &str, owner: &str, address: Option<&str>) -> Request {
    let mut tags = vec![("abide:owner", owner), ("resonate:branch", id)];
    tags.extend(address.map(|address| ("resonate:target", address)));
    Request::PromiseCreate(promise(id, FAR, &tags))
}

pub(crate) fn cancel(id: &str) -> Request {
    let state = SettleState::RejectedCanceled;
    Request::PromiseSettle(PromiseSettle { id: id.into(), state, value: Arc::default() })
}

pub(crate) fn reclaim(id: &str, version: i64, promises: &[&str]) -> Request {
    let promises = promises.iter().map(|id| Id::from(*id)).collect();
    Request::TaskReclaim(TaskReclaim { id: id.into(), version, promises })
}

/// As a worker acquires a task whose execution it still has in memory.
pub(crate) fn acquire_warm(id: &str, version: i64) -> Request {
    let Request::TaskAcquire(data) = acquire(id, version) else { unreachable!("it is one") };
    Request::TaskAcquire(TaskAcquire { resumed: true, ..data })
}

/// As such a worker suspends it again.
pub(crate) fn suspend_again(id: &str, version: i64, awaited: &[&str]) -> Request {
    let Request::TaskSuspend(data) = suspend(id, version, awaited) else {
        unreachable!("it is one")
    };
    Request::TaskSuspend(TaskSuspend { again: true, ..data })
}

/// As such a worker suspends it for the first time, or when it has lost track.
pub(crate) fn suspend_warm(id: &str, version: i64, awaited: &[&str]) -> Request {
    let Request::TaskSuspend(data) = suspend(id, version, awaited) else {
        unreachable!("it is one")
    };
    Request::TaskSuspend(TaskSuspend { resumed: true, ..data })
}
