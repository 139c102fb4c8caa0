//! What the workers say they did, in a file that they share.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
    sync::OnceLock,
};

use super::{LOOP, WIDTH};

static FILE: OnceLock<File> = OnceLock::new();

/// Opens the file of a worker.
pub(crate) fn open(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    // A worker opens it once.
    let _ = FILE.set(file);
    Ok(())
}

/// Adds a line.
pub(crate) fn say(run: u64, step: u64, attempt: u64) {
    let mut file = FILE.get().expect("a worker opens it first");
    // One write, so that lines of several processes do not mix.
    let line = format!("{run} {step} {attempt}\n");
    file.write_all(line.as_bytes()).expect("the log can be written");
}

/// The file as a trial reads it.
#[derive(Debug)]
pub(crate) struct Log {
    /// How many attempts were made.
    pub(crate) attempts: u64,
    /// How many of them had been made before.
    pub(crate) repeated: u64,
    /// How often each attempt of each step of each run was made.
    made: BTreeMap<(u64, u64, u64), u64>,
}

impl Log {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("the workers have written it");
        let mut made = BTreeMap::new();
        for line in text.lines() {
            let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
            let [run, step, attempt] = numbers[..] else { panic!("{line:?}") };
            *made.entry((run, step, attempt)).or_default() += 1;
        }
        let attempts = made.values().sum();
        Log { attempts, repeated: attempts - made.len() as u64, made }
    }

    /// Checks that each step of so many runs was attempted as often as it has to fail and once
    /// more, in numbers that leave none out.
    pub(crate) fn assert_complete(&self, runs: u64) {
        for run in 0..runs {
            let steps = if run.is_multiple_of(2) { LOOP } else { WIDTH };
            for step in 0..steps {
                let attempts = self.made.range((run, step, 0)..(run, step + 1, 0));
                let found: Vec<u64> = attempts.map(|((.., attempt), _)| *attempt).collect();
                let expected: Vec<u64> = (1..=step % 3 + 1).collect();
                assert_eq!(found, expected, "the attempts at step {step} of run {run}");
            }
        }
    }
}
