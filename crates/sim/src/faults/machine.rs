//! The machine by itself: the catalogue of properties at every step of generated scripts, and what
//! must hold of whole histories.

use abide_faults::Layer;
use abide_machine::{
    Config,
    testing::{Model, histories},
};

use super::Checker;
use crate::chance::Chance;

/// How many steps a script has.
pub(super) const STEPS_A_SCRIPT: usize = 50;

/// How many numbers a step may use up.
const NUMBERS: usize = 16;

/// The catalogue at every step.
pub(super) const STEPS: Checker = Checker {
    name: "properties",
    about: "the catalogue of properties at every step of scripts for the machine",
    layers: &[Layer::Machine],
    seeds: 20_000,
    check: steps,
};

/// What holds of whole histories.
pub(super) const HISTORIES: Checker = Checker {
    name: "histories",
    about: "what must hold of whole scripts, in which no step need be wrong",
    layers: &[Layer::Machine],
    seeds: 1_000,
    check: whole,
};

fn config() -> Config {
    Config { retry_interval: 100, preload_limit: 2, ..Config::default() }
}

/// The choices that a seed makes.
pub(super) fn script(seed: u64) -> Vec<[u16; NUMBERS]> {
    let mut chance = Chance::new(seed);
    let mut number = || (chance.number() & 0xffff) as u16;
    (0..STEPS_A_SCRIPT).map(|_| std::array::from_fn(|_| number())).collect()
}

/// Every other script fires by itself whatever is due, as an engine does; the others meet every
/// guard early, late and twice.
fn steps(seed: u64) -> Result<(), String> {
    let mut model = Model::new(config());
    for numbers in script(seed / 2) {
        let now = advance(&mut model, &numbers);
        if seed.is_multiple_of(2) {
            model.tick(now);
        }
    }
    Ok(())
}

/// Takes the chosen step; tells its time.
pub(super) fn advance(model: &mut Model, numbers: &[u16]) -> i64 {
    histories::advance(model, numbers).0
}

fn whole(seed: u64) -> Result<(), String> {
    let script = script(seed);
    let script: Vec<&[u16]> = script.iter().map(|numbers| &numbers[..]).collect();
    let all = histories::ALL;
    all.iter().try_for_each(|history| {
        (history.check)(&config(), &script).map_err(|why| format!("{}\n{why}", history.name))
    })
}
