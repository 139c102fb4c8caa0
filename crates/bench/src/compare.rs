//! The comparison: all systems, the same work, one run.

mod candidate;
mod machine;
mod page;
mod perf;
mod plot;
mod results;
mod sample;
mod session;
mod summary;
mod syncs;
mod table;
#[cfg(test)]
mod tests;
mod ticks;
mod workload;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use abide_bench::driver::{Order, Ready, Reply};
use clap::Args;

use self::{
    candidate::{Candidate, Wanted},
    machine::Machine,
    perf::Perf,
    results::Results,
    sample::{Look, Sample, Taken},
    session::Session,
    syncs::Syncs,
    workload::{STANDARD, Workload},
};
use crate::{Fault, units};

/// What a system that has just started still does is given so long.
const SETTLE: Duration = Duration::from_millis(300);

/// A load is measured so often at most; the least disturbed of these measurements counts.
const ATTEMPTS: u32 = 4;

/// What takes longer, with all that has to be made first, is not measured again.
const LONG: Duration = Duration::from_secs(60);

/// What is compared, and how.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The systems, by name: limit, embedded, server, plain, and peers: restate, dbos, duroxide
    /// [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    systems: Vec<String>,
    /// The workloads: sets (load, wake, rate, replay, scale, smoke), or JOB@CONCURRENCY, or
    /// JOB@CONCURRENCY:RATE for operations that are due at a rate
    #[arg(long, value_name = "NAMES", default_value = STANDARD)]
    workloads: String,
    /// How often each is measured; what is told is the median
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// How long each load is measured, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    seconds: f64,
    /// How long each load runs before it is measured, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    warmup: f64,
    /// Where the drivers of peers are (peer-NAME) [default: benches/peers, built first]
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Compare a server of the plain protocol that runs already, too, as `url`
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The binary of Abide's server [default: abide beside this one]
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// Where the data are put, in directories that are removed afterwards [default: the system's
    /// directory for temporary files]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Where performance.md, the plots and the raw data are written
    #[arg(long, value_name = "DIR", default_value = "docs")]
    docs: PathBuf,
    /// Only print the tables
    #[arg(long)]
    print_only: bool,
}

const EXAMPLES: &str = "\
Each measurement starts the system anew in an empty directory and stops it afterwards, so nothing \
else runs meanwhile. The systems take turns within each workload, and workloads are repeated round \
by round: what disturbs the machine for a while disturbs all. A load during which the host of a virtual \
machine gives the processors to others is measured again, up to three times.

Examples:
  cargo build --release -p abide-cli -p abide-bench
  target/release/abide-bench compare
  abide-bench compare --workloads smoke --seconds 1 --rounds 1 --print-only
  abide-bench compare --systems embedded,limit --workloads steps-10@1,steps-10@256 --print-only
  abide-bench compare --systems plain,restate --workloads life@256:200 --print-only
  abide-bench compare --systems plain --url http://127.0.0.1:8001 --workloads life@64 --print-only";

/// Measures everything and tells it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Fault> {
    let workloads = Workload::list(&arguments.workloads)?;
    let wanted = Wanted {
        systems: &arguments.systems,
        peers: arguments.peers.as_deref(),
        url: arguments.url.as_deref(),
        server: arguments.server.as_deref(),
    };
    let systems = candidate::find(&wanted)?;
    let scratch = match &arguments.scratch {
        Some(path) => tempfile::tempdir_in(path)?,
        None => tempfile::tempdir()?,
    };
    let syncs = Syncs::build(scratch.path());
    if let Err(error) = &syncs {
        eprintln!("syncs are not counted, there is no C compiler that works: {error}");
    }
    let bench = Bench { arguments, scratch: scratch.path().to_owned(), syncs: syncs.ok() };
    let results = bench.measure(workloads, systems);
    let table = table::all(&results);
    println!("{table}");
    if !arguments.print_only {
        page::write(&arguments.docs, &results, &table)?;
        eprintln!("written: {}/performance.md and performance/", arguments.docs.display());
    }
    let failed =
        results.samples.iter().filter(|sample| matches!(sample.taken.reply, Reply::Failed(_)));
    match failed.count() {
        0 => Ok(()),
        count => Err(format!("{count} measurements failed: the tables say why").into()),
    }
}

struct Bench<'a> {
    arguments: &'a Arguments,
    scratch: PathBuf,
    syncs: Option<Syncs>,
}

impl Bench<'_> {
    fn measure(&self, workloads: Vec<Workload>, systems: Vec<Candidate>) -> Results {
        let Arguments { rounds, seconds, warmup, .. } = *self.arguments;
        let total = rounds as usize * workloads.len() * systems.len();
        let mut samples: Vec<Sample> = Vec::new();
        for round in 0..rounds {
            for (workload, load) in workloads.iter().enumerate() {
                // Each system comes first once: none is always the one behind another.
                for turn in 0..systems.len() {
                    let system = (turn + round as usize + workload) % systems.len();
                    let candidate = &systems[system];
                    let place = format!("[{}/{total}]", samples.len() + 1);
                    eprint!("{place} round {}, {load}, {}: ", round + 1, candidate.name);
                    let taken = self.repeat(candidate, load);
                    samples.push(Sample { workload, system, round, taken });
                }
            }
        }
        let machine = Machine::here(&self.scratch);
        Results { machine, seconds, warmup, rounds, workloads, systems, samples }
    }

    /// Measures one workload of one system until nobody disturbs it, or it fails.
    fn repeat(&self, candidate: &Candidate, workload: &Workload) -> Taken {
        let begun = Instant::now();
        let take = || {
            let taken = self.take(candidate, workload);
            eprintln!("{}", progress(&taken));
            taken
        };
        let first = take();
        let soon_done = workload.is_load() && begun.elapsed() < LONG;
        first.repeated(if soon_done { ATTEMPTS } else { 1 }, || {
            eprint!("    once more: ");
            take()
        })
    }

    /// Starts a system, has one workload measured, and stops it.
    fn take(&self, candidate: &Candidate, workload: &Workload) -> Taken {
        let place = match tempfile::tempdir_in(&self.scratch) {
            Ok(place) => place,
            Err(error) => return Taken::failed(format!("there is no place for its data: {error}")),
        };
        let directory = place.path().join(&candidate.name);
        let counter =
            self.syncs.as_ref().map(|syncs| syncs.counter(directory.with_extension("syncs")));
        let counter = counter.and_then(Result::ok);
        let order = Order {
            job: workload.job,
            concurrency: workload.concurrency,
            seconds: self.arguments.seconds,
            rate: workload.rate,
            warmup: self.arguments.warmup,
        };
        match Session::start(candidate, &directory, counter.as_ref()) {
            Err(why) => Taken::failed(why),
            Ok(mut session) => {
                std::thread::sleep(SETTLE);
                let look = |ready: &Ready| Look::at(ready, counter.as_ref());
                // Where the library does not count, the kernel may.
                let perf = |look: &Look| match look.syncs {
                    Some(_) => None,
                    None => Perf::attach(&look.pids),
                };
                let mut before = look(&session.ready);
                let mut counting = perf(&before);
                let reply = session.order(&order, |ready| {
                    counting.take().map(Perf::finish);
                    before = look(ready);
                    counting = perf(&before);
                });
                let mut cost = before.until(look(&session.ready));
                cost.syncs = cost.syncs.or_else(|| counting.and_then(Perf::finish));
                Taken { attempts: 1, ready: Some(session.ready.clone()), reply, cost }
            }
        }
    }
}

fn progress(taken: &Taken) -> String {
    match &taken.reply {
        Reply::Answer(answer) => {
            let p99 = units::span(answer.latency_us.quantile(0.99));
            let disturbed = taken.cost.stolen.filter(|_| taken.disturbed()).map(|stolen| {
                format!(", while {:.0} % of the processors' time was taken away", 100.0 * stolen)
            });
            let rate = units::number(answer.rate());
            format!("{rate} a second, p99 {p99}{}", disturbed.unwrap_or_default())
        }
        Reply::Unsupported(why) => format!("not there: {why}"),
        Reply::Failed(why) => format!("failed: {why}"),
    }
}
