//! A process run under the shim, and what it has acknowledged.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr,
};

use fastrand::Rng;

use super::{model::Model, script::Script};
use crate::{
    disk::Disk,
    shim::{
        Calls, Fault, Shim,
        recording::{Event, Recording},
    },
};

/// What has been acknowledged: for each operation of the script, from the first on, the epoch that
/// it was given if it was a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History(Vec<Option<u64>>);

impl History {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The state in which the acknowledged operations have left the store.
    pub(super) fn model(&self, script: &Script) -> Model {
        let mut model = Model::new(script.options.shards);
        for (operation, epoch) in script.operations.iter().zip(&self.0) {
            model.apply(operation, *epoch);
        }
        model
    }

    /// Adds what a mark says.
    pub(super) fn extend(&mut self, mark: &str) -> Result<(), String> {
        self.0.extend(mark.parse::<History>()?.0);
        Ok(())
    }
}

impl FromStr for History {
    type Err = String;

    fn from_str(text: &str) -> Result<History, String> {
        let epoch = |word: &str| match word {
            "-" => Ok(None),
            word => word.parse().map(Some).map_err(|_| format!("{word:?} is no epoch")),
        };
        text.split_whitespace().map(epoch).collect::<Result<_, _>>().map(History)
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|epoch| match epoch {
            None => f.write_str("- "),
            Some(epoch) => write!(f, "{epoch} "),
        })
    }
}

/// One process under trial: where it began, and all it did.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) seed: u64,
    pub(super) script: Script,
    /// What was acknowledged before it began.
    pub(super) before: History,
    /// The disk before it began.
    pub(super) disk: Disk,
    pub(super) events: Vec<Event>,
    /// Calls that were made to fail.
    pub(super) failed: u64,
}

impl Recorded {
    /// Runs the process on a directory, from where a history ends.
    pub(super) fn run(
        scratch: &Path,
        data: &Path,
        seed: u64,
        length: usize,
        before: History,
    ) -> Result<Recorded, String> {
        let text = |error: std::io::Error| error.to_string();
        let script = Script::new(seed, length);
        let mut rng = Rng::with_seed(seed ^ before.len() as u64);
        let shim = Shim::build(scratch).map_err(text)?;
        if rng.u8(..3) == 0 {
            shim.fail(&fault(&mut rng)).map_err(text)?;
        }
        let disk = Disk::of(data).map_err(text)?;
        let (variables, log) = shim.recording_env(data).map_err(text)?;
        let output = Command::new(program()?)
            .args(["power-child", "--data"])
            .arg(data)
            .args(["--seed", &seed.to_string()])
            .args(["--length", &length.to_string()])
            .args(["--history", &before.to_string()])
            .envs(variables)
            .stdout(Stdio::null())
            .output()
            .map_err(text)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the process under trial has failed: {}", said.trim()));
        }
        let events = Recording::read(&log).map_err(text)?.events;
        let mut after = disk.clone();
        for event in &events {
            after.apply(event)?;
        }
        after.verify()?;
        let failed = shim.failed().map_err(text)?;
        Ok(Recorded { seed, script, before, disk, events, failed })
    }
}

fn program() -> Result<PathBuf, String> {
    env::current_exe().map_err(|error| error.to_string())
}

/// A sync, or a write, that fails once or twice somewhere.
fn fault(rng: &mut Rng) -> Fault {
    let after = rng.u64(..120);
    let times = rng.u64(1..=2);
    match rng.u8(..3) {
        0 => Fault { after, times, ..Fault::no_space() },
        1 => Fault { calls: Calls::SYNC.and(Calls::WRITE), after, times, ..Fault::no_sync() },
        _ => Fault { after, times, ..Fault::no_sync() },
    }
}
