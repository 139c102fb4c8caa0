//! Many calls at once, reads and commits that end in any order, and crashes in between: nothing
//! that was told is lost (the world checks every output), and every pending step is taken up again.

mod support;

use abide_engine::Limits;
use proptest::prelude::*;
use support::crashes::{cramped, op, run, scenes};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_told_is_lost(whole: bool, ops in prop::collection::vec(op(), 1..120)) {
        run(Limits::default(), whole, ops);
    }

    #[test]
    fn nothing_told_is_lost_with_tiny_limits(
        whole: bool,
        ops in prop::collection::vec(op(), 1..120),
    ) {
        run(cramped(), whole, ops);
    }
}

#[test]
fn nothing_told_is_lost_in_scenes() {
    for scene in scenes() {
        for whole in [false, true] {
            run(Limits::default(), whole, scene.clone());
            run(cramped(), whole, scene.clone());
        }
    }
}
