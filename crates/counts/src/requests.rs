//! The requests of the scripts: as long as those of an SDK, with lineage tags and payloads of about
//! a hundred bytes.

use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Millis, PromiseCreate, PromiseSettle,
    RegisterCallback, Request, SettleAction, SettleState, Tags, TaskAcquire, TaskCreate, TaskFence,
    TaskFulfill, TaskSuspend, Value, tag,
};

/// The time of every script. Nothing reads a clock.
pub(crate) const NOW: Millis = 1_800_000_000_000;

/// A deadline that is never reached.
pub(crate) const FAR: Millis = 2_100_000_000_000;

/// The group that executes everything.
pub(crate) const GROUP: &str = "workers";

/// Its address.
const WORKERS: &str = "poll://any@workers";

/// The process that does the work.
pub(crate) const PID: &str = "worker-1";

/// The length of a lease.
const LEASE: Millis = 60_000;

const PARAM: &str = "eyJmdW5jIjoiY2hhcmdlIiwiYXJncyI6WyJvcmRlci03Iix7ImFtb3VudCI6NDIsImN1cnJlbmN5IjoiRVVSIn1dLCJ2ZXJzaW9uIjoxfQ==";

const VALUE: &str = "eyJyZWNlaXB0IjoiYTdmMy0wMDAxIiwiYW1vdW50Ijo0MiwiY3VycmVuY3kiOiJFVVIifQ==";

/// JSON's null, as SDKs write payloads.
const NULL: &str = "bnVsbA==";

fn promise(id: &str, timeout_at: Millis, tags: &[(&str, &str)]) -> PromiseCreate {
    let tags = Arc::new(tags.iter().copied().collect::<Tags>());
    PromiseCreate { id: id.into(), timeout_at, param: Arc::new(Value::of(PARAM)), tags }
}

fn resolved(id: &str) -> PromiseSettle {
    let value = Arc::new(Value::of(VALUE));
    PromiseSettle { id: id.into(), state: SettleState::Resolved, value }
}

fn root(id: &str) -> PromiseCreate {
    let (origin, branch, parent) = ((tag::ORIGIN, id), (tag::BRANCH, id), (tag::PARENT, id));
    promise(id, FAR, &[origin, branch, parent, (tag::SCOPE, "global"), (tag::TARGET, WORKERS)])
}

fn fence(task: &str, version: i64, action: FenceAction) -> Request {
    Request::TaskFence(TaskFence { id: task.into(), version, action })
}

fn fenced(task: &str, version: i64, create: PromiseCreate) -> Request {
    fence(task, version, FenceAction::Create(CreateAction { corr_id: "1".into(), create }))
}

/// Creates a promise that nobody executes.
pub(crate) fn create(id: &str) -> Request {
    Request::PromiseCreate(promise(id, FAR, &[(tag::ORIGIN, id), (tag::BRANCH, id)]))
}

/// Creates a promise that somebody outside settles before this time.
pub(crate) fn external(id: &str, timeout_at: Millis) -> Request {
    let tags = [(tag::ORIGIN, id), (tag::BRANCH, id), (tag::EXTERNAL, "true")];
    Request::PromiseCreate(promise(id, timeout_at, &tags))
}

/// Settles a promise.
pub(crate) fn settle(id: &str) -> Request {
    Request::PromiseSettle(resolved(id))
}

/// Settles a promise with nothing.
pub(crate) fn signal(id: &str) -> Request {
    let value = Arc::new(Value::of(NULL));
    Request::PromiseSettle(PromiseSettle { value, ..resolved(id) })
}

/// Creates an execution for whoever takes it.
pub(crate) fn invoke(id: &str) -> Request {
    Request::PromiseCreate(root(id))
}

/// Creates an execution and holds it.
pub(crate) fn begin(id: &str) -> Request {
    let action = CreateAction { corr_id: "1".into(), create: root(id) };
    Request::TaskCreate(TaskCreate { pid: PID.into(), ttl: LEASE, action })
}

/// Takes an execution that was offered.
pub(crate) fn acquire(id: &str, version: i64) -> Request {
    let (pid, ttl) = (PID.into(), LEASE);
    Request::TaskAcquire(TaskAcquire { id: id.into(), version, pid, ttl, resumed: false })
}

/// Creates a step of an execution.
pub(crate) fn create_step(task: &str, version: i64, id: &str) -> Request {
    let (origin, branch, parent) = ((tag::ORIGIN, task), (tag::BRANCH, task), (tag::PARENT, task));
    let owner = (tag::OWNER, task);
    fenced(task, version, promise(id, FAR, &[origin, branch, parent, owner, (tag::SCOPE, "local")]))
}

/// Settles a step of an execution.
pub(crate) fn settle_step(task: &str, version: i64, id: &str) -> Request {
    let action = SettleAction { corr_id: "1".into(), settle: resolved(id) };
    fence(task, version, FenceAction::Settle(action))
}

/// Creates a call that is an execution of its own.
pub(crate) fn create_call(task: &str, version: i64, id: &str) -> Request {
    let (origin, branch, parent) = ((tag::ORIGIN, task), (tag::BRANCH, id), (tag::PARENT, task));
    let (owner, scope) = ((tag::OWNER, task), (tag::SCOPE, "global"));
    let tags = [origin, branch, parent, owner, scope, (tag::TARGET, WORKERS)];
    fenced(task, version, promise(id, FAR, &tags))
}

/// Has an execution wait for promises.
pub(crate) fn suspend(task: &str, version: i64, awaited: &[String]) -> Request {
    let callback = |awaited: &String| CallbackAction {
        corr_id: "1".into(),
        callback: RegisterCallback { awaited: (&**awaited).into(), awaiter: task.into() },
    };
    let actions = awaited.iter().map(callback).collect();
    let (resumed, again) = (false, false);
    Request::TaskSuspend(TaskSuspend { id: task.into(), version, actions, resumed, again })
}

/// Ends an execution.
pub(crate) fn fulfill(task: &str, version: i64) -> Request {
    let action = SettleAction { corr_id: "1".into(), settle: resolved(task) };
    Request::TaskFulfill(TaskFulfill { id: task.into(), version, action })
}
