use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use abide_engine::Shard;
use abide_store::Error;

use crate::{
    clock,
    config::Config,
    disk,
    shared::Shared,
    state::{Opened, Opener, Phase},
};

/// How long the writer waits before it opens a failed store for the second time; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How long it waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the writer does next.
enum Task {
    Write(crate::drive::Writing),
    Reopen { opener: Opener, proved: bool },
    End,
}

/// Opens a store and claims the shard.
pub(crate) fn open(opener: &Opener, config: &Config) -> Result<Opened, Error> {
    let store = opener()?;
    // One process writes an embedded store, which it guards by a lock of its own, so the claim is
    // for the epoch: it fences whatever is left of an earlier opening. A lease would only keep a
    // successor with another name waiting.
    let claim = store.claim(disk::SHARD, &config.name, 0, clock::system())?;
    let floor = claim.clock_floor.max(0);
    let shard = Shard::new(config.timing, config.limits, floor);
    Ok(Opened { shard, store, epoch: claim.epoch, floor })
}

/// The thread that writes, and that opens a failed store again.
pub(crate) fn run(shared: &Arc<Shared>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match next(shared) {
            Task::Write(writing) => shared.write(writing),
            Task::Reopen { opener, proved } => {
                // A store that fails again before it has written anything is given time.
                if proved {
                    pause = FIRST_PAUSE;
                } else {
                    wait(shared, pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                reopen(shared, &opener);
                // It may hold the store.
                drop(opener);
                shared.drive(|state| state.reopening = false);
            }
            Task::End => return,
        }
    }
}

fn reopen(shared: &Arc<Shared>, opener: &Opener) {
    match open(opener, &shared.config) {
        Ok(opened) => {
            tracing::info!("the store is open again");
            shared.drive(|state| state.reopened(opened));
        }
        Err(error) => {
            tracing::error!(%error, "the store cannot be opened again");
            shared.lock().proved = false;
        }
    }
}

fn next(shared: &Shared) -> Task {
    let mut state = shared.lock();
    loop {
        if let Some(writing) = state.take_writes() {
            return Task::Write(writing);
        }
        match &state.phase {
            Phase::Closed => return Task::End,
            Phase::Down if !state.writing && state.reading == 0 && state.letting_go == 0 => {
                let proved = state.proved;
                let Some(opener) = state.opener.clone() else { return Task::End };
                state.reopening = true;
                return Task::Reopen { opener, proved };
            }
            _ => {}
        }
        state = shared.writer.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Waits, unless the node is closed first.
fn wait(shared: &Shared, pause: Duration) {
    let down = |state: &mut crate::state::State| matches!(state.phase, Phase::Down);
    shared.wait_while(pause, down);
}
