//! A shard comes to exactly what the machine over a plain map comes to, whatever its limits are.

mod support;

use abide_engine::{Input, Limits};
use abide_machine::Config;
use proptest::prelude::*;
use support::{
    World,
    model::Model,
    script::{Op, script},
    world::member,
};

/// Limits so small that everything is evicted, paged, trimmed and cut.
fn tiny() -> Limits {
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

fn follow(limits: Limits, connected: bool, script: Vec<Op>) {
    let mut world = World::with(Config::default(), limits);
    let mut model = Model { connected, ..Model::default() };
    if connected {
        world.input(Input::Connected { receiver: member("workers", "w1") });
    }
    for op in script {
        match op {
            Op::Call(request) => {
                let expected = model.call(request.clone(), world.now);
                assert_eq!(world.call(request.clone()), expected, "{request:?}");
            }
            Op::Advance(span) => {
                let from = world.now;
                world.advance(from + span);
                model.advance(from, from + span);
            }
        }
        assert_eq!(world.disk.rows, model.rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_shard_is_the_machine(script in script()) {
        follow(Limits::default(), false, script);
    }

    #[test]
    fn a_shard_with_tiny_limits_is_the_machine(script in script()) {
        follow(tiny(), false, script);
    }

    #[test]
    fn a_shard_with_a_worker_is_the_machine(script in script()) {
        follow(Limits::default(), true, script);
    }
}
