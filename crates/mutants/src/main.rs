//! Runs the tests of a package against all of its mutants.
//!
//! cargo-mutants changes the sources, builds and tests once for each mutant; most of the time goes
//! into building. This program takes its list, puts every mutant into one copy of the sources behind
//! a switch, builds that once, and switches them on one at a time.

mod mutant;
mod program;
mod switch;
mod trial;

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use clap::Parser;
use mutant::Mutant;
use program::Program;
use switch::Number;
use trial::{Trial, Verdict};

/// Run the tests of a package against all of its mutants
///
/// Called by scripts/mutants, in the root of the repository. What came of it is written beside the
/// list: caught.txt, missed.txt, and unviable.txt for those that do not compile. Those that do not
/// compile behind a switch are built by themselves, one after the other.
#[derive(Debug, Parser)]
#[command(name = "abide-mutants")]
struct Arguments {
    /// The package, such as abide-machine
    package: String,

    /// What `cargo mutants --list --json -p PACKAGE` has printed
    list: PathBuf,

    /// Only every N-th mutant, from the K-th (from 0) on
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,

    /// How many at a time [default: as many as there are processors]
    #[arg(long, value_name = "COUNT")]
    jobs: Option<usize>,
}

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abide-mutants: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    fn run(&self) -> io::Result<()> {
        let place = self.list.parent().unwrap_or(Path::new("."));
        let mutants = mutant::listed(&self.list)?;
        let (first, step) = self.part()?;
        let program = Program::copy(&self.package, &mutants, place.join(&self.package))?;
        eprintln!("{}: {} mutants", self.package, mutants.len());
        let switched = program.switch()?;
        let directory = program.directory();
        let trials = Trial::all(program.tests()?, &directory).map_err(|test| {
            io::Error::other(format!("{} fails without any mutant", test.display()))
        })?;
        let all = 1..=mutants.len() as Number;
        let wanted: Vec<_> = all.skip(first).step_by(step).collect();
        let (mut tried, apart): (Vec<_>, Vec<_>) =
            wanted.iter().partition(|n| switched.contains(n));
        let mut missed =
            self.all(&tried, &mutants, |mutant| Trial::verdict(&trials, &directory, mutant));
        let mut unviable = Vec::new();
        for (done, mutant) in (1..).zip(&apart) {
            eprint!("\r{done} of {} by themselves, {} missed ", apart.len(), missed.len());
            if !program.alone(*mutant)? {
                unviable.push(*mutant);
                continue;
            }
            tried.push(*mutant);
            // They take the places of those with the switches.
            program.tests()?;
            if Trial::verdict(&trials, &directory, *mutant) == Verdict::Missed {
                eprintln!("\rMissed: {}", mutants[*mutant as usize - 1].name);
                missed.insert(*mutant);
            }
        }
        eprintln!();
        let names = |numbers: &mut dyn Iterator<Item = Number>| -> String {
            numbers.map(|n| mutants[n as usize - 1].name.clone() + "\n").collect()
        };
        let caught = &mut tried.iter().copied().filter(|n| !missed.contains(n));
        fs::write(place.join("caught.txt"), names(caught))?;
        fs::write(place.join("missed.txt"), names(&mut missed.iter().copied()))?;
        fs::write(place.join("unviable.txt"), names(&mut unviable.iter().copied()))?;
        println!(
            "{}: {} mutants tried, {} caught, {} missed; {} do not compile",
            self.package,
            tried.len(),
            tried.len() - missed.len(),
            missed.len(),
            unviable.len()
        );
        Ok(())
    }

    fn part(&self) -> io::Result<(usize, usize)> {
        let Some(shard) = &self.shard else { return Ok((0, 1)) };
        let part =
            shard.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        part.filter(|(k, n)| k < n)
            .ok_or_else(|| io::Error::other(format!("--shard {shard} is not K/N with K below N")))
    }

    /// Those that are missed.
    fn all(
        &self,
        tried: &[Number],
        mutants: &[Mutant],
        verdict: impl Fn(Number) -> Verdict + Sync,
    ) -> BTreeSet<Number> {
        let (next, missed) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
        let work = || {
            while let Some(&mutant) = tried.get(next.fetch_add(1, Ordering::Relaxed)) {
                let verdict = verdict(mutant);
                let mut missed = missed.lock().expect("nobody panics with it");
                if verdict != Verdict::Caught {
                    let name = &mutants[mutant as usize - 1].name;
                    eprintln!("\r{verdict:?}: {name}");
                }
                if verdict == Verdict::Missed {
                    missed.insert(mutant);
                }
                let done = next.load(Ordering::Relaxed).min(tried.len());
                eprint!("\r{done} of {}, {} missed ", tried.len(), missed.len());
                let _ = io::stderr().flush();
            }
        };
        let jobs = self.jobs.or_else(|| thread::available_parallelism().ok().map(usize::from));
        thread::scope(|scope| {
            for _ in 0..jobs.unwrap_or(1) {
                scope.spawn(work);
            }
        });
        eprintln!();
        missed.into_inner().expect("nobody has panicked")
    }
}
