//! The threads and tasks of a node under schedules that a seed decides.
//!
//! `abide-node-shuttle` is the node's own sources over the primitives of shuttle: one thread runs at
//! a time, and at each lock, channel and wake-up the seed decides who goes on. A thread that waits
//! for ever is reported as a deadlock, and a run that never ends as one of too many steps.

mod callers;
mod ears;
mod rules;
mod scenario;
mod store;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use abide_node_shuttle::sync::{Bug, plant};
use shuttle::{
    Config, FailurePersistence, MaxSteps, Runner,
    scheduler::{PctScheduler, RandomScheduler, Scheduler},
};

/// Schedules that are tried with each seed. The checker of priorities learns from the first how
/// long they are.
pub const SCHEDULES: usize = 8;

/// Steps of one schedule. The longest that ends takes a tenth of it.
const STEPS: usize = 200_000;

/// How many preemptions a schedule of priorities has.
const DEPTH: usize = 3;

/// Runs all schedules of a seed.
///
/// # Errors
/// With what one of them has broken.
pub fn check(seed: u64) -> Result<(), String> {
    // Every third seed is run by priorities with few preemptions: bugs that need a thread to be
    // held up for long are found by these, others by chance alone.
    match seed % 3 {
        0 => run(PctScheduler::new_from_seed(seed, DEPTH, SCHEDULES)),
        _ => run(RandomScheduler::new_from_seed(seed, SCHEDULES)),
    }
}

/// Looks for the first of these seeds that finds a bug which is planted, and for what it says.
pub fn find(bug: Bug, seeds: std::ops::Range<u64>) -> Option<(u64, String)> {
    plant(Some(bug));
    let found = seeds.into_iter().find_map(|seed| check(seed).err().map(|why| (seed, why)));
    plant(None);
    found
}

fn run(scheduler: impl Scheduler + 'static) -> Result<(), String> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS);
    config.stack_size = 1 << 20;
    let runner = Runner::new(scheduler, config);
    catch_unwind(AssertUnwindSafe(|| runner.run(scenario::run))).map(drop).map_err(text)
}

fn text(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or("a panic", |text| text).to_owned(),
    }
}
