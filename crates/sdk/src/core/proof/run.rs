//! The property: no run of any program shows that it was interrupted.

use std::sync::Arc;

use super::{
    generate, oracle,
    program::Node,
    random::Random,
    world::{Weather, World},
};
use crate::core::rule::Rule;

/// What a number of runs came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) runs: usize,
    pub(super) crashes: usize,
    pub(super) records: usize,
    /// Runs that made a save point among other calls, and were stopped.
    pub(super) refused: usize,
    /// Functions that began anew.
    pub(super) bases: usize,
    /// Records that were reclaimed.
    pub(super) reclaimed: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.crashes += other.crashes;
        self.records += other.records;
        self.refused += other.refused;
        self.bases += other.bases;
        self.reclaimed += other.reclaimed;
    }
}

/// Runs unless said otherwise.
const RUNS: u64 = 20_000;

/// The weather of a run.
pub(super) fn weather(seed: u64) -> Weather {
    Weather {
        crash_always: seed.is_multiple_of(13),
        crash_one_in: 2 + (seed % 7) as usize,
        ordered: seed.is_multiple_of(2),
        pace: 1 + (seed / 2 % 5) as usize,
    }
}

/// Runs a program and checks what is left of it.
pub(super) fn check(
    seed: u64,
    program: &Arc<Node>,
    weather: Weather,
    tally: &mut Tally,
) -> Result<(), String> {
    let tell = std::env::var_os("ABIDE_PROOF_SEED").is_some();
    let mut world = World::new(seed, program.clone(), weather, tell);
    let result = world.run();
    tally.runs += 1;
    if result.as_ref().is_err_and(|why| why.contains("SaveAmongOthers")) {
        tally.refused += 1;
        return Ok(());
    }
    // The oracle judges by all the rules, whatever the run went without.
    let result =
        result.and_then(|()| Rule::without(None, || oracle::check(&world.left(), program)));
    tally.crashes += world.crashes;
    tally.records += world.ever().count();
    tally.bases += world.ever().filter(|(_, s)| s.trace.identity.kind.is_base()).count();
    tally.reclaimed += world.past.len();
    result.map_err(|why| {
        let story = world.story.unwrap_or_default().join("\n");
        format!("run {seed}: {why}\n{story}\n{program:#?}")
    })
}

/// Makes the program of a run and checks it.
pub(super) fn one(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let random = Random::new(seed);
    let size = 2 + random.below(14);
    let program = Arc::new(generate::program(&random, size, true));
    check(seed, &program, weather(seed), tally)
}

#[test]
fn a_run_without_a_crash_explains_every_run() {
    let mut tally = Tally::default();
    if let Some(seed) = std::env::var("ABIDE_PROOF_SEED").ok().and_then(|s| s.parse().ok()) {
        return one(seed, &mut tally).unwrap_or_else(|why| panic!("{why}"));
    }
    let runs = std::env::var("ABIDE_PROOF_RUNS").ok().and_then(|s| s.parse().ok());
    let runs = runs.unwrap_or(RUNS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        let part = |first| {
            let mut tally = Tally::default();
            for seed in (first..runs).step_by(threads as usize) {
                one(seed, &mut tally).unwrap_or_else(|why| panic!("{why}"));
            }
            tally
        };
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        for part in parts {
            tally.add(&part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
        }
    });
    println!("{tally:?}");
    assert!(tally.crashes > tally.runs, "the weather was too fine: {tally:?}");
    assert!(tally.bases > tally.runs && tally.reclaimed > tally.runs, "{tally:?}");
}
