//! Random schedules of the node's shell, and bugs planted in it.

use abide_node_shuttle::sync::Bug;
use abide_trials::shell;

/// A few of the seeds of `abide-trials shell`.
#[test]
fn schedules_keep_what_was_promised() {
    for seed in 0..24 {
        shell::check(seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}

/// Seeds until a planted bug counts as not found.
const PATIENCE: u64 = 2_000;

#[test]
fn planted_bugs_are_found() {
    for bug in Bug::ALL {
        let found = shell::find(*bug, 0..PATIENCE);
        let (seed, why) = found.unwrap_or_else(|| panic!("{bug:?} is not found"));
        println!("{bug:?}: seed {seed}: {}", why.lines().next().unwrap_or_default());
    }
}
