//! Whether the tests notice a mutant.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::switch::Number;

/// What the tests make of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A test fails.
    Caught,
    /// A test does not come to an end, which somebody would notice.
    Endless,
    /// All pass.
    Missed,
}

/// How many times as long as without a mutant a test may take, and how long besides.
const PATIENCE: u32 = 5;
const GRACE: Duration = Duration::from_secs(20);
/// How often a running test is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// A program of tests, and how long it takes when nothing is wrong.
pub(crate) struct Trial {
    program: PathBuf,
    usual: Duration,
}

impl Trial {
    /// All of them, the shortest first. An error names a program that fails without any mutant.
    pub(crate) fn all(programs: Vec<PathBuf>, directory: &Path) -> Result<Vec<Trial>, PathBuf> {
        let mut trials = Vec::new();
        for program in programs {
            let started = Instant::now();
            if run(&program, directory, 0, Duration::from_secs(3600)) != Verdict::Missed {
                return Err(program);
            }
            trials.push(Trial { program, usual: started.elapsed() });
        }
        trials.sort_by_key(|trial| trial.usual);
        for Trial { program, usual } in &trials {
            eprintln!("  {:>6} ms  {}", usual.as_millis(), program.display());
        }
        Ok(trials)
    }

    /// What all make of a mutant.
    pub(crate) fn verdict(trials: &[Trial], directory: &Path, mutant: Number) -> Verdict {
        let verdicts = trials
            .iter()
            .map(|trial| run(&trial.program, directory, mutant, trial.usual * PATIENCE + GRACE));
        verdicts.into_iter().find(|verdict| *verdict != Verdict::Missed).unwrap_or(Verdict::Missed)
    }
}

fn run(program: &Path, directory: &Path, mutant: Number, limit: Duration) -> Verdict {
    let mut child = Command::new(program)
        .current_dir(directory)
        .env("ABIDE_MUTANT", mutant.to_string())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("cargo has just built it");
    let started = Instant::now();
    loop {
        match child.try_wait().expect("it is our child") {
            Some(status) if status.success() => return Verdict::Missed,
            Some(_) => return Verdict::Caught,
            None if started.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Verdict::Endless;
            }
            None => thread::sleep(PAUSE),
        }
    }
}
