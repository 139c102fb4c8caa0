//! A shard comes to exactly what the machine over a plain map comes to, whatever its limits are.

mod support;

use abide_engine::Limits;
use proptest::prelude::*;
use support::{
    lockstep::{follow, scenes, tiny},
    script::script,
};

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

#[test]
fn a_shard_is_the_machine_in_scenes() {
    for scene in scenes() {
        follow(Limits::default(), false, scene.clone());
        follow(tiny(), true, scene);
    }
}
