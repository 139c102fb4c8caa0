use std::{
    ops::Range,
    process::ExitCode,
    time::{Duration, Instant},
};

use abide_sim::properties::{Plan, Report};
use clap::Args;

use super::seeds;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(5);

/// Checks every property of the protocol on generated histories, and says how often each could have
/// failed.
///
/// A history is some requests and steps of the machine that one number decides. Every transition is
/// checked against the whole catalogue (docs/properties.md). A property that never had a chance to
/// fail proves nothing, so that is a failure, too.
#[derive(Args)]
pub(crate) struct Properties {
    /// Which histories: N for the first so many, or A..B
    #[arg(long, value_name = "N or A..B", default_value = "2000", value_parser = seeds::parse)]
    seeds: Range<u64>,
    /// How many steps each history has
    #[arg(long, value_name = "N", default_value_t = 60)]
    steps: usize,
    /// How many threads share them; one for each core unless said
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Prints the page docs/properties.md instead
    #[arg(long)]
    page: bool,
}

impl Properties {
    pub(crate) fn run(&self) -> ExitCode {
        if self.page {
            print!("{}", abide_sim::page());
            return ExitCode::SUCCESS;
        }
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let (seeds, steps) = (self.seeds.clone(), self.steps);
        let plan = Plan {
            seeds: seeds.clone(),
            steps,
            threads: self.threads.unwrap_or_else(cores).max(1),
        };
        let started = Instant::now();
        let told = std::sync::Mutex::new(started);
        let histories = seeds.end - seeds.start;
        let report = plan.carry_out(|done| {
            let Ok(mut told) = told.try_lock() else { return };
            if told.elapsed() >= PROGRESS {
                *told = Instant::now();
                eprintln!("{done} of {histories} histories");
            }
        });
        print!("{}", report.table());
        let seconds = started.elapsed().as_secs_f64();
        let each = seconds * 1e6 / (histories as f64 * steps as f64);
        println!(
            "{} properties, {histories} histories of {steps} steps, {} cases in {seconds:.1} s; \
             {each:.1} us a step on {} threads",
            report.tally.iter().count(),
            report.tally.total(),
            plan.threads,
        );
        self.verdict(&report)
    }

    fn verdict(&self, report: &Report) -> ExitCode {
        if let Some(failure) = &report.failure {
            let (seed, steps) = (failure.seed, self.steps);
            eprintln!("seed {seed}: {}\n", failure.why);
            eprintln!(
                "repeat it: cargo run --profile proof -p abide-sim -- properties \
                 --seeds {seed}..{} --steps {steps}",
                seed + 1
            );
            return ExitCode::FAILURE;
        }
        let never = report.never();
        if never.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("never had a chance to fail (try more --seeds): {never:#?}");
        ExitCode::FAILURE
    }
}
