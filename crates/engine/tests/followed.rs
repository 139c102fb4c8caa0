//! Every step of the machine that a shard takes is taken over by a model beside it, and checked
//! against the whole catalogue of properties. Every test of this crate does that; this one makes
//! sure that nothing escapes it.

mod support;

use abide_engine::Input;
use abide_machine::testing::Taken;
use proptest::prelude::*;
use support::{
    World,
    requests::{create, get},
    script::{Op, script},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..Default::default() })]

    /// Each call and each crash in between: what is durable in the end is what the model holds,
    /// which the world asserts whenever nothing is left to do.
    #[test]
    fn a_model_follows_through_crashes(script in script(), crash in 1_usize..6) {
        let mut world = World::new();
        for (turn, op) in script.into_iter().enumerate() {
            match op {
                Op::Call(_) | Op::InTurn(..) => {
                    for request in op.requests() {
                        world.ask(request);
                    }
                }
                Op::Advance(span) => world.advance(world.now + span),
            }
            if turn % crash == 0 {
                world.crash();
            }
            world.finish();
        }
    }
}

#[test]
fn every_call_is_followed() {
    let mut world = World::new();
    let mut total = 0;
    for id in ["a", "b", "c"] {
        for request in [create(id), get(id)] {
            world.call(request);
            let before = std::mem::replace(&mut total, world.follower.tally().total());
            assert!(total > before, "nothing was checked");
        }
    }
}

#[test]
fn a_shard_that_reads_anything_else_is_found_out() {
    let mut world = World::new();
    world.call(create("a"));
    // The shard knows a promise that the model does not.
    world.follower.restart(Default::default(), world.now);
    let call = Input::Call { ticket: 2, request: get("a"), debug_time: None };
    world.shard.input(call, world.now);
    while world.shard.output().is_some() {}
    let taken: Vec<Taken> = world.shard.watched();
    let verdicts = taken.iter().map(|taken| world.follower.follow(taken));
    let broken: Vec<_> = verdicts.filter_map(Result::err).map(|(broken, _)| broken.name).collect();
    assert_eq!(broken, ["a step reads what the steps before it have left"]);
}
