use std::sync::Arc;

use abide_protocol::{
    CallbackAction, CreateAction, FenceAction, Leased, PromiseCreate, PromiseGet, PromiseSearch,
    PromiseSettle, RecordAction, RegisterCallback, RegisterListener, Request, ScheduleCreate,
    ScheduleDelete, ScheduleGet, ScheduleSearch, SettleAction, SettleState, TaskAcquire,
    TaskContinue, TaskCreate, TaskFence, TaskFulfill, TaskGet, TaskHalt, TaskHeartbeat,
    TaskReclaim, TaskRelease, TaskSearch, TaskSuspend, Tick,
};
use proptest::{collection::vec, option, prelude::*};

use super::records::{id, promise_state, tags, task_state, text, value};

fn create() -> impl Strategy<Value = PromiseCreate> {
    (id(), any::<i64>(), value(), tags()).prop_map(|(id, timeout_at, param, tags)| PromiseCreate {
        id,
        timeout_at,
        param,
        tags: Arc::new(tags),
    })
}

fn settle() -> impl Strategy<Value = PromiseSettle> {
    use SettleState::{Rejected, RejectedCanceled, Resolved};
    let state = prop_oneof![Just(Resolved), Just(Rejected), Just(RejectedCanceled)];
    (id(), state, value()).prop_map(|(id, state, value)| PromiseSettle { id, state, value })
}

fn callback() -> impl Strategy<Value = RegisterCallback> {
    (id(), id()).prop_map(|(awaited, awaiter)| RegisterCallback { awaited, awaiter })
}

fn create_action() -> impl Strategy<Value = CreateAction> {
    (text(), create()).prop_map(|(corr_id, create)| CreateAction { corr_id, create })
}

fn settle_action() -> impl Strategy<Value = SettleAction> {
    (text(), settle()).prop_map(|(corr_id, settle)| SettleAction { corr_id, settle })
}

fn record_action() -> impl Strategy<Value = RecordAction> {
    (text(), create(), settle()).prop_map(|(corr_id, create, settle)| {
        let settle = PromiseSettle { id: create.id.clone(), ..settle };
        RecordAction { corr_id, create, settle }
    })
}

fn leased() -> impl Strategy<Value = Leased> {
    (id(), any::<i64>()).prop_map(|(id, version)| Leased { id, version })
}

fn page() -> impl Strategy<Value = (Option<i64>, Option<String>)> {
    (option::of(any::<i64>()), option::of(text()))
}

fn of_promises() -> impl Strategy<Value = Request> {
    let listener = (id(), text());
    prop_oneof![
        id().prop_map(|id| Request::PromiseGet(PromiseGet { id })),
        create().prop_map(Request::PromiseCreate),
        settle().prop_map(Request::PromiseSettle),
        callback().prop_map(Request::PromiseRegisterCallback),
        listener.prop_map(|(awaited, address)| {
            Request::PromiseRegisterListener(RegisterListener { awaited, address })
        }),
        (option::of(promise_state()), tags(), page()).prop_map(|(state, tags, (limit, cursor))| {
            Request::PromiseSearch(PromiseSearch { state, tags, limit, cursor })
        }),
    ]
}

fn of_tasks() -> impl Strategy<Value = Request> {
    let callback =
        (text(), callback()).prop_map(|(corr_id, callback)| CallbackAction { corr_id, callback });
    let fenced = prop_oneof![
        create_action().prop_map(FenceAction::Create),
        settle_action().prop_map(FenceAction::Settle),
        record_action().prop_map(FenceAction::Record),
    ]
    .boxed();
    prop_oneof![
        id().prop_map(|id| Request::TaskGet(TaskGet { id })),
        (text(), any::<i64>(), create_action())
            .prop_map(|(pid, ttl, action)| Request::TaskCreate(TaskCreate { pid, ttl, action })),
        (leased(), text(), any::<i64>(), any::<bool>()).prop_map(
            |(Leased { id, version }, pid, ttl, resumed)| {
                Request::TaskAcquire(TaskAcquire { id, version, pid, ttl, resumed })
            }
        ),
        (leased(), vec(id(), 0..3)).prop_map(|(Leased { id, version }, promises)| {
            Request::TaskReclaim(TaskReclaim { id, version, promises })
        }),
        (leased(), fenced).prop_map(|(Leased { id, version }, action)| {
            Request::TaskFence(TaskFence { id, version, action })
        }),
        (text(), vec(leased(), 0..3))
            .prop_map(|(pid, tasks)| Request::TaskHeartbeat(TaskHeartbeat { pid, tasks })),
        (leased(), vec(callback, 0..3), any::<bool>(), any::<bool>()).prop_map(
            |(Leased { id, version }, actions, resumed, again)| {
                Request::TaskSuspend(TaskSuspend { id, version, actions, resumed, again })
            }
        ),
        (leased(), settle_action()).prop_map(|(Leased { id, version }, action)| {
            Request::TaskFulfill(TaskFulfill { id, version, action })
        }),
        leased().prop_map(|Leased { id, version }| {
            Request::TaskRelease(TaskRelease { id, version })
        }),
        id().prop_map(|id| Request::TaskHalt(TaskHalt { id })),
        id().prop_map(|id| Request::TaskContinue(TaskContinue { id })),
        (option::of(task_state()), page()).prop_map(|(state, (limit, cursor))| {
            Request::TaskSearch(TaskSearch { state, limit, cursor })
        }),
    ]
}

fn of_schedules() -> impl Strategy<Value = Request> {
    let create = (id(), text(), text(), any::<i64>(), value(), tags());
    prop_oneof![
        id().prop_map(|id| Request::ScheduleGet(ScheduleGet { id })),
        id().prop_map(|id| Request::ScheduleDelete(ScheduleDelete { id })),
        create.prop_map(|(id, cron, promise_id, promise_timeout, promise_param, tags)| {
            Request::ScheduleCreate(ScheduleCreate {
                id,
                cron,
                promise_id,
                promise_timeout,
                promise_param,
                promise_tags: Arc::new(tags),
            })
        }),
        (tags(), page()).prop_map(|(tags, (limit, cursor))| {
            Request::ScheduleSearch(ScheduleSearch { tags, limit, cursor })
        }),
    ]
}

/// Any request, valid or not.
pub(crate) fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        6 => of_promises(),
        11 => of_tasks(),
        4 => of_schedules(),
        1 => any::<i64>().prop_map(|time| Request::DebugTick(Tick { time })),
        1 => prop_oneof![
            Just(Request::DebugStart),
            Just(Request::DebugStop),
            Just(Request::DebugReset),
            Just(Request::DebugSnap),
        ],
    ]
}
