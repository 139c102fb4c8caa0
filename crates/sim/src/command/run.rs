use std::{ops::Range, process::ExitCode, thread::available_parallelism, time::Duration};

use abide_sim::{CHECKERS, Campaign, Dial, Failure, Report, Setting, run, shrink};
use clap::Args;

use super::seeds;

/// Simulates whole systems under faults: disk, store, nodes, network, clients, workers, clocks.
///
/// Each run is decided by its seed: which faults there are and how often, who takes part, and
/// everything that happens. Independent checkers look on; the first failure ends the campaign,
/// is made smaller, and is printed with the command that repeats it.
#[derive(Args)]
pub(crate) struct Run {
    /// The seeds to run: N, which means 0 to N - 1, or A..B.
    #[arg(long, value_parser = seeds::parse, default_value = "1000")]
    seeds: Range<u64>,
    /// End after so many minutes, even if not all seeds have been run.
    #[arg(long)]
    minutes: Option<f64>,
    /// How many threads run seeds at a time; one for each core unless said otherwise.
    #[arg(long)]
    threads: Option<usize>,
    /// Run this seed only.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Print what happens in the run of that seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Leave these faults and actors out: names with commas between them (see --list).
    #[arg(long, value_parser = dial, value_delimiter = ',')]
    without: Vec<Dial>,
    /// Let faults and new work end after so many milliseconds of the run.
    #[arg(long)]
    span: Option<i64>,
    /// Say how a failure is found, without making it smaller first.
    #[arg(long)]
    no_shrink: bool,
    /// List the faults, the actors and the checkers.
    #[arg(long)]
    list: bool,
}

fn dial(name: &str) -> Result<Dial, String> {
    Dial::named(name).ok_or(format!("{name:?} is no fault and no actor: see --list"))
}

impl Run {
    pub(crate) fn run(self) -> ExitCode {
        if self.list {
            return list();
        }
        let setting = Setting {
            without: self.without.clone(),
            span: self.span,
            story: self.trace,
            ..Setting::default()
        };
        if self.trace
            && let Some(seed) = self.seed
        {
            return story(seed, &setting);
        }
        let cores = available_parallelism().map_or(1, usize::from);
        let campaign = Campaign {
            seeds: self.seed.map_or(self.seeds.clone(), |seed| seed..seed + 1),
            budget: self.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
            threads: self.threads.unwrap_or(cores),
            setting,
        };
        let report = campaign.run(|report| eprintln!("{}", line(report)));
        summary(&campaign.seeds, &report);
        match report.failure {
            None => ExitCode::SUCCESS,
            Some(failure) => {
                self.failed(&failure, &campaign.setting);
                ExitCode::FAILURE
            }
        }
    }

    fn failed(&self, failure: &Failure, setting: &Setting) {
        println!("\nFAILED {failure}");
        println!("repeat it: {}", command(failure.seed, setting));
        if self.no_shrink {
            return;
        }
        eprintln!("making it smaller ...");
        let (small, failure) = shrink(failure, setting);
        println!("\nsmaller: {failure}");
        println!("repeat it: {} --trace", command(failure.seed, &small));
    }
}

fn command(seed: u64, setting: &Setting) -> String {
    let mut command = format!("cargo run --profile proof -p abide-sim -- run --seed {seed}");
    if !setting.without.is_empty() {
        let names: Vec<&str> = setting.without.iter().map(|dial| dial.name()).collect();
        command.push_str(&format!(" --without {}", names.join(",")));
    }
    if let Some(span) = setting.span {
        command.push_str(&format!(" --span {span}"));
    }
    command
}

fn list() -> ExitCode {
    println!("faults and actors (--without):");
    for dial in Dial::ALL {
        println!("  {}", dial.name());
    }
    println!("checkers:");
    for (name, looks_at) in CHECKERS {
        println!("  {name}: {looks_at}");
    }
    ExitCode::SUCCESS
}

fn story(seed: u64, setting: &Setting) -> ExitCode {
    let (story, code) = match run(seed, setting) {
        Ok(run) => {
            let end = format!("nothing is broken, hash {:016x}, {:?}", run.hash, run.counts);
            ([run.story, vec![end]].concat(), ExitCode::SUCCESS)
        }
        Err(failure) => {
            let end = format!("FAILED {failure}");
            ([failure.story, vec![end]].concat(), ExitCode::FAILURE)
        }
    };
    story.iter().for_each(|line| println!("{line}"));
    code
}

/// How far it has come.
fn line(report: &Report) -> String {
    let seconds = report.took.as_secs_f64().max(0.001);
    format!("{} seeds, {:.0} a second", report.seeds, report.seeds as f64 / seconds)
}

fn summary(seeds: &Range<u64>, report: &Report) {
    let Report { counts, .. } = report;
    let seconds = report.took.as_secs_f64().max(0.001);
    let rate = |count: u64| count as f64 / seconds;
    let simulated = report.simulated as f64 / 1_000.0;
    println!("seeds       {} of {}..{}", report.seeds, seeds.start, seeds.end);
    println!("took        {seconds:.1} s: {:.0} seeds/s", rate(report.seeds));
    println!("events      {} ({:.0}/s)", counts.events, rate(counts.events));
    println!("steps       {} ({:.0}/s)", counts.steps, rate(counts.steps));
    println!("requests    {}", counts.requests);
    println!("messages    {}", counts.messages);
    println!("commits     {} ({} refused by epoch)", counts.commits, counts.fenced);
    println!("mishaps     {} ({} node starts)", counts.mishaps, counts.starts);
    println!("disk faults {}", counts.disk_failures);
    println!(
        "simulated   {:.1} h: {:.0} times real time",
        simulated / 3_600.0,
        simulated / seconds
    );
    println!("hash        {:016x}", report.hash);
}
