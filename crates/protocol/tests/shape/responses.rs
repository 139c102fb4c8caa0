use abide_protocol::{
    Body, Due, Edge, FencedAction, Kind, Listening, Outgoing, Response, Snapshot, Status, TaskDue,
};
use proptest::{collection::vec, option, prelude::*};

use super::records::{id, promise, schedule, task, text};

fn one() -> impl Strategy<Value = Response> {
    promise().prop_map(|promise| Response::ok(Body::Promise { promise }))
}

fn refusal() -> impl Strategy<Value = Response> {
    let statuses: Vec<_> =
        Status::ALL.into_iter().filter(|status| *status >= Status::BadRequest).collect();
    (proptest::sample::select(statuses), text())
        .prop_map(|(status, message)| Response::error(status, message))
}

fn fenced() -> impl Strategy<Value = Response> {
    let kind = prop_oneof![Just(Kind::PromiseCreate), Just(Kind::PromiseSettle)];
    let inner = prop_oneof![one(), refusal()];
    (kind, text(), inner, vec(promise(), 0..2)).prop_map(|(kind, corr_id, inner, preload)| {
        let action = FencedAction { kind, corr_id, response: Box::new(inner) };
        Response::ok(Body::Fenced { action, preload })
    })
}

fn snapshot() -> impl Strategy<Value = Response> {
    let dues = vec((id(), any::<i64>()), 0..2);
    let messages = vec((text(), text()), 0..2);
    (vec(promise(), 0..2), dues, vec((id(), id()), 0..2), vec(task(), 0..2), messages).prop_map(
        |(promises, dues, edges, tasks, messages)| {
            let snapshot = Snapshot {
                promises,
                promise_timeouts: dues
                    .iter()
                    .map(|(id, timeout)| Due { id: id.clone(), timeout: *timeout })
                    .collect(),
                callbacks: edges
                    .into_iter()
                    .map(|(awaited, awaiter)| Edge { awaited, awaiter })
                    .collect(),
                listeners: messages
                    .iter()
                    .map(|(id, address)| Listening {
                        id: id.as_str().into(),
                        address: address.clone(),
                    })
                    .collect(),
                tasks,
                task_timeouts: dues
                    .into_iter()
                    .map(|(id, timeout)| TaskDue { id, kind: 1, timeout })
                    .collect(),
                messages: messages
                    .into_iter()
                    .map(|(address, text)| Outgoing {
                        address,
                        message: serde_json::json!({ "kind": text }),
                    })
                    .collect(),
            };
            Response::ok(Body::Snapshot(Box::new(snapshot)))
        },
    )
}

/// Any response that a request of some kind may get, with that kind.
pub(crate) fn response() -> impl Strategy<Value = (Kind, Response)> {
    let with = |kind: Kind, body: Body| (kind, Response::ok(body));
    let preload = || vec(promise(), 0..3);
    let cursor = || option::of(text());
    let redirect = |(preload, more)| {
        let body = Body::Preload { preload, more };
        (Kind::TaskSuspend, Response { status: Status::Redirect, body })
    };
    prop_oneof![
        (proptest::sample::select(Kind::ALL), refusal()),
        (Just(Kind::PromiseGet), one()),
        (Just(Kind::TaskFulfill), one()),
        task().prop_map(move |task| with(Kind::TaskGet, Body::Task { task })),
        (task(), promise(), preload(), any::<bool>()).prop_map(
            move |(task, promise, preload, more)| {
                with(Kind::TaskAcquire, Body::Claim { task, promise, preload, more })
            }
        ),
        (preload(), any::<bool>()).prop_map(redirect),
        Just(with(Kind::TaskSuspend, Body::Empty {})),
        any::<u64>()
            .prop_map(move |reclaimed| { with(Kind::TaskReclaim, Body::Reclaimed { reclaimed }) }),
        Just(with(Kind::TaskHeartbeat, Body::Empty {})),
        (Just(Kind::TaskFence), fenced()),
        (preload(), cursor()).prop_map(move |(promises, cursor)| {
            with(Kind::PromiseSearch, Body::Promises { promises, cursor })
        }),
        (vec(task(), 0..3), cursor()).prop_map(move |(tasks, cursor)| {
            with(Kind::TaskSearch, Body::Tasks { tasks, cursor })
        }),
        schedule()
            .prop_map(move |schedule| with(Kind::ScheduleCreate, Body::Schedule { schedule })),
        (vec(schedule(), 0..3), cursor()).prop_map(move |(schedules, cursor)| {
            with(Kind::ScheduleSearch, Body::Schedules { schedules, cursor })
        }),
        (Just(Kind::DebugSnap), snapshot()),
    ]
}
