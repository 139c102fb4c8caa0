//! The requests of a scope, in one line each.

use std::sync::Arc;

use abide_machine::Step;
use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Leased, Millis, PromiseCreate, PromiseGet,
    PromiseSearch, PromiseSettle, RecordAction, RegisterCallback, RegisterListener, Request,
    ScheduleCreate, ScheduleDelete, ScheduleGet, ScheduleSearch, SettleAction, SettleState, Tags,
    TaskAcquire, TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet, TaskHalt,
    TaskHeartbeat, TaskReclaim, TaskRelease, TaskSearch, TaskSuspend, Value, tag,
};

use super::choice::Choice;

/// A deadline that is never reached.
pub(super) const NEVER: Millis = Millis::MAX;

/// Where the workers are.
pub(super) const WORKERS: &str = "poll://any@w";

fn request(text: impl Into<String>, request: Request) -> Choice {
    Choice::new(text, Step::Request(request))
}

/// The time as one reads it.
fn until(time: Millis) -> String {
    if time == NEVER { "for ever".into() } else { format!("until {time}") }
}

/// What is created, and how it is called.
#[derive(Clone)]
pub(super) struct New {
    data: PromiseCreate,
    text: String,
}

impl New {
    /// A promise that nobody but clients acts on.
    pub(super) fn plain(id: &str, timeout_at: Millis) -> Self {
        let data = PromiseCreate {
            id: id.into(),
            timeout_at,
            param: Arc::default(),
            tags: Arc::default(),
        };
        New { data, text: format!("{id} {}", until(timeout_at)) }
    }

    fn with(mut self, name: &str, value: &str, text: &str) -> Self {
        Arc::make_mut(&mut self.data.tags).insert(name, value);
        self.text = format!("{} {text}", self.text);
        self
    }

    /// One that workers execute.
    pub(super) fn task(id: &str, timeout_at: Millis) -> Self {
        Self::plain(id, timeout_at).with(tag::TARGET, WORKERS, "for workers")
    }

    /// One that its deadline resolves.
    pub(super) fn timer(id: &str, timeout_at: Millis) -> Self {
        Self::plain(id, timeout_at).with(tag::TIMER, "true", "as a timer")
    }

    /// One that somebody outside settles.
    pub(super) fn external(id: &str, timeout_at: Millis) -> Self {
        Self::plain(id, timeout_at).with(tag::EXTERNAL, "true", "from outside")
    }

    /// The same, owned by another.
    pub(super) fn owned(self, owner: &str) -> Self {
        self.with(tag::OWNER, owner, &format!("owned by {owner}"))
    }

    /// The same, offered to workers only from this time on.
    pub(super) fn delayed(self, time: Millis) -> Self {
        self.with(tag::DELAY, &time.to_string(), &format!("delayed to {time}"))
    }

    pub(super) fn create(&self) -> Choice {
        request(format!("promise.create {}", self.text), Request::PromiseCreate(self.data.clone()))
    }

    pub(super) fn create_task(&self, pid: &str, ttl: Millis) -> Choice {
        let action = CreateAction { corr_id: "c".into(), create: self.data.clone() };
        let data = TaskCreate { pid: pid.into(), ttl, action };
        request(format!("task.create {} by {pid} for {ttl}", self.text), Request::TaskCreate(data))
    }

    pub(super) fn fenced(&self, id: &str, version: i64) -> Choice {
        let action = CreateAction { corr_id: "c".into(), create: self.data.clone() };
        let action = FenceAction::Create(action);
        let text = format!("task.fence {id} at {version} (promise.create {})", self.text);
        request(text, Request::TaskFence(TaskFence { id: id.into(), version, action }))
    }
}

pub(super) fn get(id: &str) -> Choice {
    request(format!("promise.get {id}"), Request::PromiseGet(PromiseGet { id: id.into() }))
}

pub(super) fn get_task(id: &str) -> Choice {
    request(format!("task.get {id}"), Request::TaskGet(TaskGet { id: id.into() }))
}

fn settlement(id: &str, state: SettleState) -> PromiseSettle {
    let value = match state {
        SettleState::RejectedCanceled => Arc::default(),
        _ => Arc::new(Value::of("v")),
    };
    PromiseSettle { id: id.into(), state, value }
}

pub(super) fn settle(id: &str, state: SettleState) -> Choice {
    let data = settlement(id, state);
    request(format!("promise.settle {id} {state:?}"), Request::PromiseSettle(data))
}

pub(super) fn listen(id: &str, address: &str) -> Choice {
    let data = RegisterListener { awaited: id.into(), address: address.into() };
    let text = format!("promise.register_listener {id} {address}");
    request(text, Request::PromiseRegisterListener(data))
}

pub(super) fn call_back(awaited: &str, awaiter: &str) -> Choice {
    let data = RegisterCallback { awaited: awaited.into(), awaiter: awaiter.into() };
    let text = format!("promise.register_callback {awaited} for {awaiter}");
    request(text, Request::PromiseRegisterCallback(data))
}

pub(super) fn acquire(id: &str, version: i64, pid: &str, ttl: Millis) -> Choice {
    acquiring(id, version, pid, ttl, false)
}

/// As a worker does that still has the execution in memory.
pub(super) fn acquire_warm(id: &str, version: i64, pid: &str, ttl: Millis) -> Choice {
    acquiring(id, version, pid, ttl, true)
}

fn acquiring(id: &str, version: i64, pid: &str, ttl: Millis, resumed: bool) -> Choice {
    let warm = if resumed { ", resumed" } else { "" };
    let text = format!("task.acquire {id} at {version} by {pid} for {ttl}{warm}");
    let data = TaskAcquire { id: id.into(), version, pid: pid.into(), ttl, resumed };
    request(text, Request::TaskAcquire(data))
}

pub(super) fn fence_settle(id: &str, version: i64, settled: &str, state: SettleState) -> Choice {
    let action = SettleAction { corr_id: "s".into(), settle: settlement(settled, state) };
    let action = FenceAction::Settle(action);
    let text = format!("task.fence {id} at {version} (promise.settle {settled} {state:?})");
    request(text, Request::TaskFence(TaskFence { id: id.into(), version, action }))
}

/// Creates and settles by one request.
pub(super) fn fence_record(new: &New, id: &str, version: i64, state: SettleState) -> Choice {
    let create = new.data.clone();
    let settle = settlement(&create.id, state);
    let action = FenceAction::Record(RecordAction { corr_id: "r".into(), create, settle });
    let text = format!("task.fence {id} at {version} (promise.record {} {state:?})", new.text);
    request(text, Request::TaskFence(TaskFence { id: id.into(), version, action }))
}

pub(super) fn heartbeat(pid: &str, tasks: &[(&str, i64)]) -> Choice {
    let leased = |(id, version): &(&str, i64)| Leased { id: (*id).into(), version: *version };
    let data = TaskHeartbeat { pid: pid.into(), tasks: tasks.iter().map(leased).collect() };
    request(format!("task.heartbeat by {pid} {tasks:?}"), Request::TaskHeartbeat(data))
}

fn suspending(id: &str, version: i64, awaited: &[&str], [resumed, again]: [bool; 2]) -> Choice {
    let action = |awaited: &&str| CallbackAction {
        corr_id: "a".into(),
        callback: RegisterCallback { awaited: (*awaited).into(), awaiter: id.into() },
    };
    let actions = awaited.iter().map(action).collect();
    let warm = if again {
        ", again"
    } else if resumed {
        ", resumed"
    } else {
        ""
    };
    let text = format!("task.suspend {id} at {version} {awaited:?}{warm}");
    let data = TaskSuspend { id: id.into(), version, actions, resumed, again };
    request(text, Request::TaskSuspend(data))
}

pub(super) fn suspend(id: &str, version: i64, awaited: &[&str]) -> Choice {
    suspending(id, version, awaited, [false, false])
}

/// As a worker does that keeps the execution in memory.
pub(super) fn suspend_warm(id: &str, version: i64, awaited: &[&str]) -> Choice {
    suspending(id, version, awaited, [true, false])
}

/// As such a worker does the next time.
pub(super) fn suspend_again(id: &str, version: i64, awaited: &[&str]) -> Choice {
    suspending(id, version, awaited, [false, true])
}

pub(super) fn fulfill(id: &str, version: i64, state: SettleState) -> Choice {
    let action = SettleAction { corr_id: "f".into(), settle: settlement(id, state) };
    let data = TaskFulfill { id: id.into(), version, action };
    request(format!("task.fulfill {id} at {version} {state:?}"), Request::TaskFulfill(data))
}

pub(super) fn release(id: &str, version: i64) -> Choice {
    let data = TaskRelease { id: id.into(), version };
    request(format!("task.release {id} at {version}"), Request::TaskRelease(data))
}

pub(super) fn halt(id: &str) -> Choice {
    request(format!("task.halt {id}"), Request::TaskHalt(TaskHalt { id: id.into() }))
}

pub(super) fn resume(id: &str) -> Choice {
    request(format!("task.continue {id}"), Request::TaskContinue(TaskContinue { id: id.into() }))
}

/// `task.reclaim`, looked up: everything below the named promises is named too.
pub(super) fn reclaim(id: &str, version: i64, promises: &[&str]) -> Choice {
    let text = format!("task.reclaim {id} at {version} {promises:?}");
    let promises = promises.iter().map(|id| (*id).into()).collect();
    Choice::new(text, Step::Reclaim(TaskReclaim { id: id.into(), version, promises }))
}

pub(super) fn schedule(id: &str, template: &str, timeout: Millis, tags: &[(&str, &str)]) -> Choice {
    let data = ScheduleCreate {
        id: id.into(),
        cron: "* * * * * *".into(),
        promise_id: template.into(),
        promise_timeout: timeout,
        promise_param: Arc::default(),
        promise_tags: Arc::new(tags.iter().copied().collect()),
    };
    let text = format!("schedule.create {id} {template} for {timeout} {tags:?}");
    request(text, Request::ScheduleCreate(data))
}

pub(super) fn get_schedule(id: &str) -> Choice {
    request(format!("schedule.get {id}"), Request::ScheduleGet(ScheduleGet { id: id.into() }))
}

pub(super) fn delete_schedule(id: &str) -> Choice {
    let data = ScheduleDelete { id: id.into() };
    request(format!("schedule.delete {id}"), Request::ScheduleDelete(data))
}

/// The searches, which the machine leaves to whoever drives it.
pub(super) fn searches() -> Vec<Choice> {
    let (limit, cursor) = (None, None);
    let tags = Tags::default;
    vec![
        request(
            "promise.search",
            Request::PromiseSearch(PromiseSearch {
                state: None,
                tags: tags(),
                limit,
                cursor: cursor.clone(),
            }),
        ),
        request(
            "task.search",
            Request::TaskSearch(TaskSearch { state: None, limit, cursor: cursor.clone() }),
        ),
        request(
            "schedule.search",
            Request::ScheduleSearch(ScheduleSearch { tags: tags(), limit, cursor }),
        ),
    ]
}
