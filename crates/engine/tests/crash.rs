//! Many calls at once, reads and commits that end in any order, and crashes in between: nothing
//! that was told is lost (the world checks every output), and every pending step is taken up again.

mod support;

use abide_engine::Limits;
use proptest::prelude::*;
use support::{
    crashes::{op, run},
    lockstep::tiny,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_told_is_lost(ops in prop::collection::vec(op(), 1..120)) {
        run(Limits::default(), ops);
    }

    #[test]
    fn nothing_told_is_lost_with_tiny_limits(ops in prop::collection::vec(op(), 1..120)) {
        let limits = Limits { batch_steps: 2, in_flight: 2, ..tiny() };
        run(limits, ops);
    }
}
