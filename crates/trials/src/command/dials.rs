use std::{ops::Range, thread::available_parallelism, time::Duration};

use abide_trials::Campaign;
use clap::Args;

use super::Fault;

/// How long a campaign is.
#[derive(Args)]
pub(crate) struct Dials {
    /// The seeds to run: N, which means 0 to N - 1, or A..B.
    #[arg(long, value_parser = seeds, default_value = "1000")]
    seeds: Range<u64>,
    /// End after so many minutes, even if not all seeds have been run.
    #[arg(long, value_parser = minutes)]
    minutes: Option<Duration>,
    /// How many threads run seeds at a time; one for each core unless said otherwise.
    #[arg(long)]
    threads: Option<usize>,
}

impl Dials {
    /// Runs the campaign, prints what came of it, and fails if something was broken.
    pub(crate) fn run(
        self,
        command: &str,
        check: impl Fn(u64) -> Result<(), String> + Sync,
    ) -> Result<(), Fault> {
        let cores = || available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(cores);
        let campaign = Campaign::new(self.seeds, self.minutes, threads);
        let seconds = || campaign.elapsed().as_secs_f64();
        let outcome = campaign.run(
            |_, seed| check(seed),
            || eprintln!("{} seeds, {:.0} s", campaign.seeds(), seconds()),
        );
        let (run, seconds) = (campaign.seeds(), seconds());
        let rate = run as f64 / seconds;
        println!("{run} seeds in {seconds:.1} s, {rate:.1} a second");
        match outcome {
            Ok(()) => {
                println!("nothing was broken");
                Ok(())
            }
            Err((seed, why)) => {
                let again = format!("abide-trials {command} --seeds {seed}..{}", seed + 1);
                Err(format!("seed {seed}: {why}\nto repeat it: {again}").into())
            }
        }
    }
}

/// Reads `N` (the seeds 0 to N - 1) or `A..B`.
fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| {
        let digits = text.replace('_', "");
        digits.parse::<u64>().map_err(|_| format!("{text:?} is no number: give N or A..B"))
    };
    let range = match text.split_once("..") {
        Some((from, to)) => number(from)?..number(to)?,
        None => 0..number(text)?,
    };
    if range.is_empty() {
        return Err(format!("there is no seed in {text:?}: give N or A..B"));
    }
    Ok(range)
}

fn minutes(text: &str) -> Result<Duration, String> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| *minutes > 0.0);
    let span = minutes.and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok());
    span.ok_or_else(|| format!("{text:?} is no number of minutes"))
}

#[cfg(test)]
mod tests {
    use super::seeds;

    #[test]
    fn a_number_or_a_range() {
        assert_eq!(seeds("100_000"), Ok(0..100_000));
        assert_eq!(seeds("5..9"), Ok(5..9));
        for wrong in ["", "x", "9..5", "0", "-1"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }
}
