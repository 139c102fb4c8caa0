//! `abide check`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use abide_store_fjall::{Inspection, OpenError};
use clap::Args;
use serde_json::json;

use crate::{
    check::{Problem, Sum, records},
    exit::Exit,
    fault::Fault,
    output::{Output, note, say},
};

/// Verify the data of a server that is not running
///
/// Reads everything in the directory and changes nothing: the journal and the tables of the storage
/// engine with their checksums, every record, the index, and whether all of it together is a state
/// that the protocol can come to (a settled promise has no pending task, a waiting task waits for
/// something, and so on). Each problem is one line: where, what, and what to do.
///
/// The server must be stopped; `abide serve` cannot start meanwhile. A copy of the journal is made
/// beside the directory, or where temporary files are if that cannot be written to, and removed at
/// the end. All records are held in memory: about a kilobyte for each promise.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide check ./data
  abide check ./data --json | jq -r 'select(.place) | .problem'
  abide check /backups/2026-11-20 && echo good

Exits with 0 if nothing is wrong, with 1 if something is, and with 5 while a server has the data.

When something is wrong: stop using the directory, keep it, and restore a backup. Damage comes from
disks, memory, and copies of a directory in use.")]
pub(crate) struct Check {
    /// The directory, as given to `abide serve --data`
    data: PathBuf,
    /// The data is of a server that was started with --plain, now or before
    #[arg(long, env = "ABIDE_PLAIN", value_parser = clap::builder::FalseyValueParser::new(),
          action = clap::ArgAction::SetTrue)]
    plain: bool,
    /// Print one line of JSON for each problem, and one for the sum
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Carries it out.
    pub(crate) fn run(self) -> Result<Exit, Fault> {
        let mut output = Output::new(self.json);
        let scratch = scratch(&self.data)?;
        let inspected =
            catch_unwind(AssertUnwindSafe(|| inspect(&self.data, self.plain, scratch.path())));
        let (problems, sum) = inspected.unwrap_or_else(|_| {
            let place = self.data.display().to_string();
            let problem = "reading it ended in a panic, whose text is above";
            Ok((vec![Problem::new(place, problem)], Sum::default()))
        })?;
        for problem in &problems {
            let Problem { place, problem } = problem;
            if output.is_json() {
                output.line(&json!({ "place": place, "problem": problem }).to_string())?;
            } else {
                output.line(&format!("{place}: {problem}"))?;
            }
        }
        let Sum { shards, promises, tasks, schedules, messages, entries } = sum;
        if output.is_json() {
            let sum = json!({
                "sound": problems.is_empty(), "problems": problems.len(), "shards": shards,
                "promises": promises, "tasks": tasks, "schedules": schedules,
                "messages": messages, "indexEntries": entries,
            });
            output.line(&sum.to_string())?;
        }
        if problems.is_empty() {
            say(&format!(
                "nothing is wrong with {}: {promises} promises, {tasks} tasks, {schedules} \
                 schedules, {messages} messages to listeners and {entries} index entries in \
                 {shards} shards",
                self.data.display()
            ));
            return Ok(Exit::Done);
        }
        let (count, data) = (problems.len(), self.data.display());
        let problems = if count == 1 { "problem" } else { "problems" };
        let fault = Fault::new(Exit::Failed, format!("{count} {problems} in {data}"));
        Err(fault.hint("keep the directory as it is, and restore a backup beside it"))
    }
}

fn inspect(data: &Path, plain: bool, scratch: &Path) -> Result<(Vec<Problem>, Sum), Fault> {
    let inspection = Inspection::of(data, scratch).map_err(|error| match error {
        OpenError::InUse { .. } => {
            Fault::new(Exit::Unavailable, error.to_string()).hint("stop it first")
        }
        error => Fault::new(Exit::Failed, error.to_string()),
    })?;
    for remark in &inspection.remarks {
        note(&remark.to_string());
    }
    let place = |flaw: &abide_store_fjall::Flaw| flaw.file.display().to_string();
    let flaws = inspection.flaws.iter().map(|flaw| Problem::new(place(flaw), &flaw.reason));
    let mut problems: Vec<Problem> = flaws.collect();
    let mut sum = Sum::default();
    if let Some(store) = &inspection.copy {
        problems.extend(records(store, plain, &mut sum));
    }
    Ok((problems, sum))
}

/// Beside the data, so that files can be linked rather than copied; or else where temporary files
/// go.
fn scratch(data: &Path) -> Result<tempfile::TempDir, Fault> {
    let beside = data.canonicalize().ok().and_then(|data| data.parent().map(Path::to_owned));
    let mut place = tempfile::Builder::new();
    place.prefix(".abide-check-");
    let made = match beside {
        Some(beside) => place.tempdir_in(beside).or_else(|_| place.tempdir()),
        None => place.tempdir(),
    };
    made.map_err(|error| {
        Fault::new(Exit::Failed, format!("cannot make a place for a copy of the journal: {error}"))
    })
}
