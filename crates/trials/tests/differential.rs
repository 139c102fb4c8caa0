//! The same traffic to everything that keeps promises.

use std::{env, path::Path};

use abide_trials::differential;

/// A few of the seeds of `abide-trials differential`.
#[test]
fn all_give_the_same_answers_and_come_to_the_same_states() {
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    for seed in 0..8 {
        differential::check(seed, &scratch).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
