//! The machine by itself: the catalogue of properties at every step of generated scripts, and what
//! must hold of whole histories.

use abide_machine::{
    Config, Step,
    testing::{Choices, Model, choose, histories},
};

use super::Checker;
use crate::chance::Chance;

/// How many steps a script has.
const STEPS_A_SCRIPT: usize = 50;

/// How many numbers a step may use up.
const NUMBERS: usize = 16;

/// The catalogue at every step.
pub(super) const STEPS: Checker = Checker { name: "properties", seeds: 3_000, check: steps };

/// What holds of whole histories.
pub(super) const HISTORIES: Checker = Checker { name: "histories", seeds: 1_000, check: whole };

fn config() -> Config {
    Config { retry_interval: 100, preload_limit: 2, ..Config::default() }
}

fn script(seed: u64) -> Vec<[u16; NUMBERS]> {
    let mut chance = Chance::new(seed);
    let mut number = || (chance.number() & 0xffff) as u16;
    (0..STEPS_A_SCRIPT).map(|_| std::array::from_fn(|_| number())).collect()
}

/// Every other script fires by itself whatever is due, as an engine does; the others meet every
/// guard early, late and twice.
fn steps(seed: u64) -> Result<(), String> {
    let mut model = Model::new(config());
    for numbers in script(seed / 2) {
        let (span, step) = choose(&model, &mut Choices::new(&numbers));
        let now = model.now().saturating_add(span);
        match &step {
            Step::Request(request) => model.request(request, now),
            Step::Internal(_) | Step::Reclaim(_) => model.take(&step, now),
        };
        if seed.is_multiple_of(2) {
            model.tick(now);
        }
    }
    Ok(())
}

fn whole(seed: u64) -> Result<(), String> {
    let script = script(seed);
    let script: Vec<&[u16]> = script.iter().map(|numbers| &numbers[..]).collect();
    let all = histories::ALL;
    all.iter().try_for_each(|history| {
        (history.check)(&config(), &script).map_err(|why| format!("{}\n{why}", history.name))
    })
}
