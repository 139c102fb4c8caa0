//! Generated histories, each step checked against the whole catalogue of properties, and a count
//! of how often each property could have failed.

use std::{
    fmt::Write,
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use abide_machine::{
    Config,
    testing::{Script, Tally},
};

/// A campaign.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which histories.
    pub seeds: Range<u64>,
    /// How many steps each has.
    pub steps: usize,
    /// How many threads share them.
    pub threads: usize,
}

/// What a campaign came to.
#[derive(Debug)]
pub struct Report {
    /// How often each property could have failed.
    pub tally: Tally,
    /// The history with the lowest number that broke one.
    pub failure: Option<Failure>,
}

/// A history that broke a property.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The history.
    pub seed: u64,
    /// What it broke, and how.
    pub why: String,
}

/// The history of this number.
///
/// # Errors
/// With what broke a property.
pub fn history(seed: u64, steps: usize) -> Result<Tally, String> {
    let config = Config { retry_interval: 100, preload_limit: 2, ..Config::default() };
    let mut script = Script::new(seed, config);
    for step in 0..steps {
        let taken = script.advance();
        taken.map_err(|(broken, how)| format!("step {step} of {steps}: {broken}\n{how}"))?;
    }
    script.check_state().map_err(|(broken, how)| format!("in the end: {broken}\n{how}"))?;
    Ok(script.tally())
}

impl Plan {
    /// Makes all histories. `progress` is told now and then how many are done.
    pub fn carry_out(&self, progress: impl Fn(u64) + Sync) -> Report {
        let next = AtomicU64::new(self.seeds.start);
        let report = Mutex::new(Report { tally: Tally::default(), failure: None });
        let work = || {
            let mut tally = Tally::default();
            let mut failure = None;
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.seeds.end {
                    break;
                }
                match history(seed, self.steps) {
                    Ok(counted) => tally.merge(&counted),
                    Err(why) => {
                        failure = Some(Failure { seed, why });
                        // The others end what they have begun, so that the lowest one is found.
                        next.store(self.seeds.end, Ordering::Relaxed);
                    }
                }
                progress(seed + 1 - self.seeds.start);
            }
            let mut report = report.lock().expect("no thread panics while it reports");
            report.tally.merge(&tally);
            report.failure = [report.failure.take(), failure]
                .into_iter()
                .flatten()
                .min_by_key(|failure| failure.seed);
        };
        thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(work);
            }
        });
        report.into_inner().expect("no thread panics while it reports")
    }
}

impl Report {
    /// The properties that never had a chance to fail.
    pub fn never(&self) -> Vec<&'static str> {
        let never = self.tally.iter().filter(|(_, cases)| *cases == 0);
        never.map(|(property, _)| property.name).collect()
    }

    /// Every property, by area, the one that is exercised most often first.
    pub fn table(&self) -> String {
        let mut rows: Vec<_> = self.tally.iter().collect();
        rows.sort_by_key(|(property, cases)| (property.area, std::cmp::Reverse(*cases)));
        let mut text = String::new();
        for (property, cases) in rows {
            let (area, name) = (property.area, property.name);
            writeln!(text, "{area:<13} {cases:>12}  {name}").expect("a string takes all");
        }
        text
    }
}
