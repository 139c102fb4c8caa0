//! Whole systems: the simulator.

use super::Checker;
use crate::{Setting, run};

/// What its checkers find.
pub(super) const SIMULATOR: Checker = Checker { name: "simulator", seeds: 2_000, check: simulate };

fn simulate(seed: u64) -> Result<(), String> {
    match run(seed, &Setting::default()) {
        Ok(_) => Ok(()),
        Err(failure) => Err(format!("{}: {}\n{failure}", failure.checker, failure.why)),
    }
}
