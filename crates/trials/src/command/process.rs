//! `abide-trials process`.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use abide_trials::process::{
    Summary, Trial, clocks,
    disk::{self, Wrong},
    kill, programs, receivers, recovery, stop, workers,
};
use clap::{Args, ValueEnum};

use super::Fault;

/// Put the real server through what processes go through
///
/// Each trial starts the real binary over a directory of its own, does something to it, and checks
/// that nothing acknowledged was lost, that everybody who listened has heard and that every task
/// was offered. What is done and when follows from the seed; how the system schedules it does not,
/// so a seed that failed may need several attempts.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide-trials process
  abide-trials process --only kill --rounds 1000
  abide-trials process --only recovery --pending 1000000
  abide-trials process --only space --only sync --minutes 30 --server target/release/abide")]
pub(crate) struct Process {
    /// Which trials; repeat it for more [default: all but recovery]
    #[arg(long = "only", value_name = "TRIAL")]
    only: Vec<Which>,
    /// How many rounds each trial goes [default: a number that suits it]
    #[arg(long, value_name = "COUNT")]
    rounds: Option<u64>,
    /// Repeat all with the next seed until so many minutes have passed
    #[arg(long, value_name = "COUNT")]
    minutes: Option<f64>,
    /// What is done and when [default: random]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many promises are pending in the trial `recovery`
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    pending: u64,
    /// The server's binary [default: abide beside this one]
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// Where the data are put, in directories that are removed afterwards [default: the system's
    /// directory for temporary files]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

/// A trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Kill -9 under load
    Kill,
    /// Syncs that fail under load
    Sync,
    /// A disk that is full under load
    Space,
    /// Programs of the SDK over servers and workers that are killed
    Programs,
    /// Workers that are late, dead or deaf
    Workers,
    /// HTTP receivers that refuse, hang, fail, reset, are slow or redirect
    Receivers,
    /// A clock that is set forwards and backwards by hours
    Clock,
    /// A server that stands still under load
    Stop,
    /// A server that is killed with very many pending promises
    Recovery,
}

impl Which {
    /// How many rounds take about half a minute or less.
    fn rounds(self) -> u64 {
        match self {
            Which::Kill => 60,
            Which::Sync | Which::Space => 20,
            Which::Stop => 15,
            Which::Clock => 10,
            Which::Recovery => 1,
            Which::Receivers => 1,
            Which::Workers => 4,
            Which::Programs => 40,
        }
    }

    async fn run(self, trial: &Trial, rounds: u64, pending: u64) -> Summary {
        match self {
            Which::Kill => kill::run(trial, rounds).await,
            Which::Sync => disk::run(trial, rounds, Wrong::Sync).await,
            Which::Space => disk::run(trial, rounds, Wrong::Space).await,
            Which::Programs => programs::run(trial, rounds).await,
            Which::Workers => workers::run(trial, rounds).await,
            Which::Receivers => receivers::run(trial, rounds).await,
            Which::Recovery => recovery::run(trial, pending).await,
            Which::Clock => clocks::run(trial, rounds).await,
            Which::Stop => stop::run(trial, rounds).await,
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().expect("none is hidden").get_name())
    }
}

impl Process {
    /// Carries the trials out.
    pub(crate) fn run(self) -> Result<(), Fault> {
        let server = self.server.clone().unwrap_or_else(beside);
        if !server.is_file() {
            let text = "is not there: build it with `cargo build -p abide-cli`, with the profile \
                        of this program, or name another by --server PATH";
            return Err(format!("{} {text}", server.display()).into());
        }
        let began = Instant::now();
        let first = self.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
        let until = Duration::from_secs_f64(self.minutes.unwrap_or(0.0).max(0.0) * 60.0);
        for seed in first.. {
            for which in self.which() {
                let trial = Trial {
                    scratch: self.scratch.clone(),
                    verbose: true,
                    ..Trial::new(&server, seed)
                };
                self.one(which, &trial)?;
            }
            if began.elapsed() >= until {
                break;
            }
        }
        Ok(())
    }

    fn which(&self) -> Vec<Which> {
        match self.only.as_slice() {
            [] => {
                let all = Which::value_variants().iter().copied();
                all.filter(|which| *which != Which::Recovery).collect()
            }
            only => only.to_vec(),
        }
    }

    /// Carries one out, and says how to repeat it if it fails.
    fn one(&self, which: Which, trial: &Trial) -> Result<(), Fault> {
        let rounds = self.rounds.unwrap_or(which.rounds());
        eprintln!("{which}: seed {}, {rounds} rounds", trial.seed);
        let began = Instant::now();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        // What a trial finds is a panic, of the main thread or of one of its tasks.
        let run = || runtime.block_on(which.run(trial, rounds, self.pending));
        let Ok(summary) = catch_unwind(AssertUnwindSafe(run)) else {
            let (seed, server) = (trial.seed, trial.binary.display());
            let repeat = format!(
                "abide-trials process --only {which} --rounds {rounds} --seed {seed} \
                 --pending {} --server {server}",
                self.pending
            );
            return Err(format!("{which}: FAILED\n  repeat it: {repeat}").into());
        };
        println!("{summary}\n  in {:.0?}", began.elapsed());
        Ok(())
    }
}

fn beside() -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    this.with_file_name("abide")
}
