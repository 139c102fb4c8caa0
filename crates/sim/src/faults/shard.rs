//! The shard by itself, driven as its own tests drive it: these are the same checks, given other
//! scripts.

#[path = "../../../engine/tests/support/mod.rs"]
mod support;

use abide_engine::Limits;
use abide_faults::Layer;
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::Checker;
use support::{crashes, lockstep, script};

/// How many things happen in one script at most.
const LENGTH: usize = 120;

/// The shard comes to what the machine over a plain map comes to.
pub(super) const LOCKSTEP: Checker = Checker {
    name: "lockstep",
    about: "a shard beside the machine over a plain map, the catalogue at every step",
    layers: &[Layer::Machine, Layer::Engine],
    seeds: 6_000,
    check: in_step,
};

/// What was told survives crashes, and what is due is done after them.
pub(super) const CRASHES: Checker = Checker {
    name: "crashes",
    about: "a shard whose reads and commits end in any order, and that crashes",
    layers: &[Layer::Machine, Layer::Engine],
    seeds: 4_000,
    check: through_crashes,
};

/// What the strategy makes of a seed.
fn drawn<T>(strategy: &impl Strategy<Value = T>, seed: u64) -> T {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).expect("nothing is rejected").current()
}

fn in_step(seed: u64) -> Result<(), String> {
    let scene = lockstep::scenes().into_iter().nth(seed as usize / 4);
    let script = scene.unwrap_or_else(|| drawn(&script::script(), seed));
    match seed % 4 {
        0 | 1 => lockstep::follow(lockstep::tiny(), false, script),
        2 => lockstep::follow(Limits::default(), true, script),
        _ => lockstep::follow(Limits::default(), false, script),
    }
    Ok(())
}

fn through_crashes(seed: u64) -> Result<(), String> {
    let scene = crashes::scenes().into_iter().nth(seed as usize / 4);
    let happens = scene.unwrap_or_else(|| drawn(&vec(crashes::op(), 1..LENGTH), seed));
    let limits = if seed.is_multiple_of(2) { crashes::cramped() } else { Limits::default() };
    crashes::run(limits, seed % 4 < 2, happens);
    Ok(())
}
