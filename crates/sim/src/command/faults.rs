use std::process::ExitCode;

use clap::Args;

/// Switches on one bug of our own after the other and says who catches it.
///
/// Every bug of the catalogue (crates/faults) is planted at one place. Each is given to the checkers
/// in the order of what they cost, with seeds from 0 on, until one of them objects. Needs the
/// feature: cargo run --profile proof -p abide-sim --features faults -- faults
#[derive(Args)]
#[cfg_attr(not(feature = "faults"), allow(dead_code, reason = "needs the feature"))]
pub(crate) struct Faults {
    /// Only the bugs with these names, as in MissingFence
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<String>,
    /// Only this checker
    #[arg(long, value_name = "NAME")]
    checker: Option<String>,
    /// Multiplies how many seeds each checker gets
    #[arg(long, value_name = "N", default_value_t = 1)]
    effort: u64,
    /// How many threads share the bugs; one for each core unless said
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Tries first what is known to catch each, and hunts only for those that it no longer catches
    #[arg(long)]
    known: bool,
    /// Writes docs/faults.md and what is known to catch each bug anew: for the root of the repository;
    /// with --known, what it still catches stays as it is written
    #[arg(long, conflicts_with_all = ["only", "checker"])]
    write: bool,
    /// Prints what the checker said to each
    #[arg(long)]
    verbose: bool,
}

impl Faults {
    pub(crate) fn run(&self) -> ExitCode {
        match self.hunt() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        }
    }

    #[cfg(not(feature = "faults"))]
    fn hunt(&self) -> Result<(), String> {
        Err("bugs of our own are not built in: run this with \
             cargo run --profile proof -p abide-sim --features faults -- faults"
            .to_owned())
    }

    #[cfg(feature = "faults")]
    fn hunt(&self) -> Result<(), String> {
        use abide_sim::faults::{FILE, Known, PAGE, Plan, checkers, chosen};

        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let plan = Plan {
            faults: chosen(&self.only)?,
            checkers: checkers(self.checker.as_deref())?,
            effort: self.effort,
            threads: self.threads.unwrap_or(cores),
            known: if self.known { Known::read() } else { Known::default() },
        };
        let report = plan.carry_out();
        print!("{}", report.table(self.verbose));
        report.verdict()?;
        if self.known && report.unknown() > 0 {
            let count = report.unknown();
            eprintln!(
                "{count} were not caught by what is known: with --write that is written anew"
            );
        }
        if self.write {
            for (file, text) in [(PAGE, report.page()), (FILE, report.known())] {
                let written = std::fs::write(file, text);
                written.map_err(|error| format!("{file} cannot be written: {error}"))?;
            }
        }
        Ok(())
    }
}
