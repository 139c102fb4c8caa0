//! Random scripts over a handful of ids, so that their records meet.

use abide_protocol::{Millis, PromiseState, Request, TaskState};
use proptest::prelude::*;

use super::requests::*;

/// What a script does next.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Asks for something.
    Call(Request),
    /// Asks for two things of which the second is to take effect right after the first.
    InTurn(Request, Request),
    /// Lets time pass.
    Advance(Millis),
}

impl Op {
    /// What it asks for, one after the other.
    pub(crate) fn requests(self) -> Vec<Request> {
        match self {
            Op::Call(request) => vec![request],
            Op::InTurn(first, then) => vec![first, then],
            Op::Advance(_) => Vec::new(),
        }
    }
}

fn id() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["r", "r:1", "r:2", "r:1.1", "q", "q.1"])
}

fn other(id: &str) -> &'static str {
    match id {
        "r" => "r:1",
        "r:1" => "r:1.1",
        "q" => "q.1",
        "q.1" => "q",
        _ => "r",
    }
}

fn deadline() -> impl Strategy<Value = Millis> {
    prop_oneof![1_100_i64..4_000, Just(FAR)]
}

fn version() -> impl Strategy<Value = i64> {
    0_i64..4
}

fn creation() -> impl Strategy<Value = Request> {
    prop_oneof![
        id().prop_map(create),
        (id(), deadline()).prop_map(|(id, at)| external(id, at)),
        (id(), deadline()).prop_map(|(id, at)| targeted_until(id, WORKERS, at)),
        (id(), 1_050_i64..2_000).prop_map(|(id, at)| delayed(id, WORKERS, at)),
        id().prop_map(|id| branched(id, &id[..1])),
        id().prop_map(|id| branched_task(id, &id[..1], WORKERS)),
        (id(), 100_i64..900).prop_map(|(id, ttl)| task_create(id, "p1", ttl)),
        (id(), id(), any::<bool>()).prop_map(|(id, owner, task)| owned(
            id,
            owner,
            task.then_some(WORKERS)
        )),
        prop::sample::select(vec!["s"]).prop_map(every_second),
    ]
}

fn claim() -> impl Strategy<Value = Request> {
    prop_oneof![
        (id(), version(), 100_i64..900)
            .prop_map(|(id, version, ttl)| acquire_by(id, version, "p1", ttl)),
        (id(), version()).prop_map(|(id, version)| fulfill(id, version)),
        (id(), version()).prop_map(|(id, version)| release(id, version)),
        (id(), version()).prop_map(|(id, version)| suspend(id, version, &[other(id)])),
        (id(), version()).prop_map(|(id, version)| fence_create(id, version, other(id))),
        (id(), version()).prop_map(|(id, version)| fence_settle(id, version, other(id))),
        (id(), version()).prop_map(|(id, version)| acquire_warm(id, version)),
        (id(), version(), any::<bool>()).prop_map(|(id, version, more)| {
            suspend_again(id, version, &[other(id)][..usize::from(more)])
        }),
        (id(), version(), prop::collection::vec(id(), 1..4))
            .prop_map(|(id, version, ids)| reclaim(id, version, &ids)),
        id().prop_map(halt),
        id().prop_map(resume),
        Just(heartbeat("p1")),
    ]
}

fn wait() -> impl Strategy<Value = Request> {
    prop_oneof![
        id().prop_map(settle),
        id().prop_map(cancel),
        id().prop_map(|id| callback(other(id), id)),
        id().prop_map(|id| listen(id, "poll://uni@clients/c1")),
        id().prop_map(|id| listen(id, "http://localhost/hook")),
        Just(delete_schedule("s")),
    ]
}

fn look() -> impl Strategy<Value = Request> {
    let state = prop::option::of(Just(PromiseState::Pending));
    let task_state = prop::option::of(Just(TaskState::Pending));
    prop_oneof![
        id().prop_map(get),
        id().prop_map(task),
        (state, 1_i64..4).prop_map(|(state, limit)| search(state, limit, None)),
        (task_state, 1_i64..4).prop_map(|(state, limit)| search_tasks(state, limit, None)),
        (1_i64..4).prop_map(|limit| search_schedules(limit, None)),
    ]
}

/// A request.
pub(crate) fn request() -> impl Strategy<Value = Request> {
    prop_oneof![3 => creation(), 4 => claim(), 3 => wait(), 2 => look()]
}

/// Something goes, and is looked for at once.
fn in_turn() -> impl Strategy<Value = Op> {
    let below = (id(), version(), prop::collection::vec(id(), 1..3));
    prop_oneof![
        Just(Op::InTurn(delete_schedule("s"), search_schedules(3, None))),
        (below, 1_i64..4).prop_map(|((id, version, ids), limit)| {
            Op::InTurn(reclaim(id, version, &ids), search(None, limit, None))
        }),
    ]
}

/// A script.
pub(crate) fn script() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        8 => request().prop_map(Op::Call),
        1 => in_turn(),
        1 => (1_i64..700).prop_map(Op::Advance),
        1 => Just(Op::Advance(6_000)),
    ];
    prop::collection::vec(op, 1..60)
}
