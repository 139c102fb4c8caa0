//! A shard beside the machine over a plain map, one call after the other.

use abide_engine::{Input, Limits};
use abide_machine::Config;
use abide_protocol::Request;

use super::{World, model::Model, requests::*, script::Op, world::member};

/// Limits so small that everything is evicted, paged, trimmed and cut.
pub(crate) fn tiny() -> Limits {
    Limits {
        batch_steps: 1,
        cache_bytes: 0,
        timers: 4,
        window: 1,
        page: 1,
        in_flight: 1,
        ..Limits::default()
    }
}

pub(crate) fn follow(limits: Limits, connected: bool, script: Vec<Op>) {
    let mut world = World::with(Config::default(), limits);
    let mut model = Model { connected, ..Model::default() };
    if connected {
        world.input(Input::Connected { receiver: member("workers", "w1") });
    }
    for op in script {
        match op {
            Op::Call(request) => {
                let expected = model.call(request.clone(), world.now);
                let got = world.call(request.clone());
                assert_eq!(got, expected, "a shard answers as the machine does: {request:?}");
            }
            Op::InTurn(first, then) => {
                let expected = [&first, &then].map(|it| model.call(it.clone(), world.now));
                let got = world.call_in_turn(first.clone(), then.clone());
                let asked = [first, then];
                assert_eq!(got, expected, "a shard answers as the machine does: {asked:?}");
            }
            Op::Advance(span) => {
                let from = world.now;
                world.advance(from + span);
                model.advance(from, from + span);
            }
        }
        assert_eq!(world.disk.rows, model.rows, "a shard stores what the machine comes to");
    }
}

/// What chance hardly ever comes to.
pub(crate) fn scenes() -> Vec<Vec<Op>> {
    let recreated = vec![
        targeted("r", WORKERS),
        create("r:1"),
        acquire("r", 0),
        callback("r:1", "r"),
        settle("r:1"),
        reclaim("r", 1, &["r:1"]),
        create("r:1"),
        release("r", 1),
        acquire_warm("r", 1),
    ];
    // More than a page of what is owned.
    let owners = vec![
        create("r"),
        owned("r:1", "r", None),
        owned("r:2", "r", Some(WORKERS)),
        owned("q", "r", None),
        owned("q.1", "q", None),
        cancel("r"),
    ];
    // More than a page of a branch in both dialects, another one below it, and what is elsewhere.
    let branches = vec![
        branched_task("r:1", "r", WORKERS),
        branched("r:2", "r"),
        branched("r.1", "r"),
        branched("r:0", "r:0"),
        branched("r:0.1", "r:0"),
        branched("r:0.2", "r:0"),
        branched("q", "r"),
        branched("q.1", "r:1"),
        acquire("r:1", 0),
        release("r:1", 1),
        acquire("r:1", 1),
    ];
    let scene = |calls: Vec<Request>| calls.into_iter().map(Op::Call).collect();
    // A name that nothing has, above something that is done.
    let nameless = vec![targeted("r", WORKERS), acquire("r", 0), create("r:1.1"), settle("r:1.1")];
    let nameless = nameless.into_iter().chain([reclaim("r", 1, &["r:1"])]).collect();
    // More than a page of what a process holds.
    let held = ["r", "r:1", "q"].map(|id| Op::Call(task_create(id, "p1", 500)));
    let held = held.into_iter().chain([Op::Advance(100), Op::Call(heartbeat("p1"))]).collect();
    vec![scene(recreated), scene(nameless), scene(owners), scene(branches), held]
}
