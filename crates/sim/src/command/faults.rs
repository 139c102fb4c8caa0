use std::{path::PathBuf, process::ExitCode};

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
    /// Writes the page about the bugs, if all of them were tried
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    page: Option<PathBuf>,
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
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let plan = abide_sim::faults::Plan {
            faults: abide_sim::faults::chosen(&self.only)?,
            checkers: abide_sim::faults::checkers(self.checker.as_deref())?,
            effort: self.effort,
            threads: self.threads.unwrap_or(cores),
        };
        let report = plan.carry_out();
        print!("{}", report.table(self.verbose));
        if let Some(file) = &self.page {
            let written = std::fs::write(file, report.page());
            written.map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
        }
        report.verdict()
    }
}
