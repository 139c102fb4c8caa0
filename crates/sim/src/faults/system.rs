//! Whole systems: the simulator.

use abide_faults::Layer;

use super::Checker;
use crate::{Setting, run};

/// What its checkers find.
pub(super) const SIMULATOR: Checker = Checker {
    name: "simulator",
    about: "whole systems: disk, nodes, network, clients, and what is checked of them",
    layers: &[Layer::Machine, Layer::Engine, Layer::Store, Layer::Node],
    seeds: 20_000,
    check: simulate,
};

fn simulate(seed: u64) -> Result<(), String> {
    match run(seed, &Setting::default()) {
        Ok(_) => Ok(()),
        Err(failure) => Err(format!("{}: {}\n{failure}", failure.checker, failure.why)),
    }
}
