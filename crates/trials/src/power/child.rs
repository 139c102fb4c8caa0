//! The process under trial.

use std::{
    env,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    thread,
    time::Duration,
};

use abide_store::{Epoch, Error, ShardId, Store};
use abide_store_fjall::FjallStore;
use fastrand::Rng;

use super::{
    check::{commit, found},
    model::Model,
    recorded::History,
    script::{Operation, Script},
};
use crate::shim::MARKS;

/// How often a store that has failed is opened again before the process gives up. Faults are few.
const ATTEMPTS: usize = 20;

/// The process pauses for up to seven of these before each operation, so that the thread that
/// flushes and compacts comes in between.
const PAUSE: Duration = Duration::from_micros(500);

/// Goes on with a script where the history ends, and says so after every operation.
///
/// # Errors
/// When the store does not hold what it has to, or does not recover.
pub fn run(data: &Path, seed: u64, length: usize, history: &str) -> Result<(), String> {
    let script = Script::new(seed, length);
    let history: History = history.parse()?;
    let mut model = history.model(&script);
    let marks = env::var_os(MARKS).ok_or("this command is started by another one")?;
    let mut marks =
        OpenOptions::new().append(true).open(marks).map_err(|error| error.to_string())?;
    let mut store = open(data, &script)?;
    let mut next = history.len();
    let mut rng = Rng::with_seed(seed);
    // What was on its way when the process before this one ended may have been done.
    let mut in_doubt = next > 0;
    while next < script.operations.len() {
        thread::sleep(PAUSE * rng.u32(..8));
        let operation = &script.operations[next];
        if in_doubt {
            match was_done(&store, &mut model, operation) {
                Ok(done) => {
                    in_doubt = false;
                    if done {
                        acknowledge(&mut marks, None)?;
                        next += 1;
                        continue;
                    }
                }
                // A call of the thread that writes tables has failed meanwhile.
                Err(_) if store.ownership(ShardId(0)).is_err() => {
                    drop(store);
                    store = open(data, &script)?;
                    continue;
                }
                Err(wrong) => return Err(wrong),
            }
        }
        match perform(&store, &model, operation) {
            Ok(epoch) => {
                model.apply(operation, epoch);
                acknowledge(&mut marks, epoch)?;
                next += 1;
                if *operation == Operation::Reopen {
                    drop(store);
                    store = open(data, &script)?;
                }
            }
            // A read that fails, or a commit: whoever holds the store opens it anew.
            Err(_) => {
                drop(store);
                store = open(data, &script)?;
                in_doubt = true;
            }
        }
    }
    Ok(())
}

fn open(data: &Path, script: &Script) -> Result<FjallStore, String> {
    let mut refused = String::new();
    for _ in 0..ATTEMPTS {
        match FjallStore::open(data, script.options) {
            Ok(store) => return Ok(store),
            Err(error) => refused = error.to_string(),
        }
    }
    Err(refused)
}

/// Whether the operation in doubt was done: then it counts from now on.
fn was_done(store: &FjallStore, model: &mut Model, operation: &Operation) -> Result<bool, String> {
    let done = found(store, &model.during(Some(operation)))?;
    // Only a commit can be told from what was before by what is there.
    let Operation::Commit { .. } = operation else { return Ok(false) };
    let before = done.contains(model);
    if !before {
        *model = done.into_iter().next_back().expect("at least one state was found");
    }
    Ok(!before)
}

fn perform(store: &FjallStore, model: &Model, operation: &Operation) -> Result<Option<u64>, Error> {
    match operation {
        Operation::Claim(shard) => Ok(Some(store.claim(*shard, "node", 0, 0)?.epoch.0)),
        Operation::Clear(shard) => {
            store.clear(*shard, Epoch(model.shard(*shard).epoch)).map(|()| None)
        }
        Operation::Commit { .. } => commit(store, model, operation).map(|()| None),
        Operation::Reopen => Ok(None),
    }
}

fn acknowledge(marks: &mut File, epoch: Option<u64>) -> Result<(), String> {
    let text = epoch.map_or("-".to_owned(), |epoch| epoch.to_string());
    marks.write_all(format!("{text} ").as_bytes()).map_err(|error| error.to_string())
}
