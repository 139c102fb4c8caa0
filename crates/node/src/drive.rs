use std::{sync::Arc, time::Duration};

use abide_engine::Input;
use abide_store::{Epoch, Error, Store};

use crate::{
    disk::{self, Read},
    shared::Shared,
    state::{Phase, State, Write},
    sync::{self, Instant, MutexGuard, planted},
};

/// A commit that takes longer than this is left to the writer's thread even if nobody else has
/// anything to do: it keeps a thread of the runtime from its work, and waking another one costs
/// little in comparison.
const QUICK: Duration = Duration::from_millis(1);

/// What somebody has taken on to write.
pub(crate) struct Writing {
    writes: Vec<Write>,
    store: Arc<dyn Store>,
    epoch: Epoch,
    generation: u64,
}

impl Shared {
    /// Does something with the state, and then all that follows from it except writing.
    pub(crate) fn drive(self: &Arc<Self>, with: impl FnOnce(&mut State)) {
        self.turn(0, with);
    }

    /// The same for the calls of one caller. If nobody else is calling, what there is to write is
    /// left to the caller, since handing it to another thread would take about as long as writing
    /// it. For several callers, `calls` is 0: none of them is alone.
    pub(crate) fn drive_calls<T>(
        self: &Arc<Self>,
        calls: usize,
        with: impl FnOnce(&mut State) -> T,
    ) -> (T, Option<Lonely>) {
        let caller = sync::task();
        let mut again = false;
        let (result, lonely) = self.turn(calls, |state| {
            let last = std::mem::replace(&mut state.last_caller, caller);
            again = caller.is_some() && last == caller;
            with(state)
        });
        (result, lonely.then(|| Lonely { shared: Some(self.clone()), calls, again }))
    }

    fn turn<T>(self: &Arc<Self>, calls: usize, with: impl FnOnce(&mut State) -> T) -> (T, bool) {
        let mut state = self.lock();
        let result = with(&mut state);
        state.pump();
        while !state.reads.is_empty() && !state.is_by_hand() {
            state = self.read(state);
            state.pump();
        }
        state.close_if_done();
        self.set_alarm(&mut state);
        let lonely = calls > 0 && state.quick && state.is_lonely(calls);
        if !lonely && !state.is_at_rest() && !planted!(WriterNotWoken) {
            self.writer.notify_one();
        }
        let mut outlet = std::mem::take(&mut state.outlet);
        let lets_go = outlet.lets_go();
        state.letting_go += usize::from(lets_go);
        let closed = matches!(state.phase, Phase::Closed);
        if closed && planted!(ClosedEarly) {
            self.end_if_over(&mut state);
        }
        drop(state);
        outlet.release();
        if lets_go || closed {
            let mut state = self.lock();
            state.letting_go -= usize::from(lets_go);
            self.end_if_over(&mut state);
            // Only now can the store be opened again.
            self.writer.notify_one();
        }
        (result, lonely)
    }

    /// Tells that the node is closed, once nobody holds its store any more.
    fn end_if_over(&self, state: &mut State) {
        if !state.over && state.is_let_go_of() {
            state.over = true;
            if !planted!(TimerNotWoken) {
                self.timer.notify_one();
            }
            self.closed.notify_waiters();
        }
    }

    /// Reads what the shard has asked for, with the lock open.
    fn read<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let reads = std::mem::take(&mut state.reads);
        let generation = state.generation;
        let Some(store) = state.opened().map(|opened| opened.store.clone()) else { return state };
        state.reading += 1;
        drop(state);
        let read = |read: Read| read.carry_out(&*store);
        let found: Vec<Result<Input, Error>> = reads.into_iter().map(read).collect();
        drop(store);
        let mut state = self.lock();
        state.reading -= 1;
        for found in found {
            state.found(generation, found);
        }
        state
    }

    /// Writes, and does all that follows from what is then durable.
    pub(crate) fn write(self: &Arc<Self>, writing: Writing) {
        let Writing { writes, store, epoch, generation } = writing;
        let began = Instant::now();
        let written = disk::write(&*store, epoch, writes);
        let quick = began.elapsed() < QUICK;
        drop(store);
        self.drive(|state| {
            state.writing = false;
            state.quick = quick;
            match written {
                _ if state.generation != generation => {}
                Ok(inputs) => {
                    state.proved = true;
                    inputs.into_iter().for_each(|input| state.feed(input));
                }
                Err(error) => state.fail(&error.to_string()),
            }
        });
    }

    /// Has the timer ring when the shard wants to be woken.
    fn set_alarm(&self, state: &mut State) {
        let (writing, now) = (state.writing || !state.writes.is_empty(), state.clock.now());
        let Some(wake) = state.opened().and_then(|opened| opened.shard.next_wake()) else { return };
        // What is due already waits for a batch to be written, which is followed by a turn anyway.
        let held_up = writing && wake <= now;
        if !held_up && state.alarm.is_none_or(|alarm| wake < alarm) {
            state.alarm = Some(wake);
            if !planted!(AlarmNotSet) {
                self.timer.notify_one();
            }
        }
    }
}

/// The promise of a caller to write what it has caused. If it goes away instead, the writer does
/// it.
pub(crate) struct Lonely {
    shared: Option<Arc<Shared>>,
    calls: usize,
    /// Whether the same task has called before, and nobody else in between.
    again: bool,
}

impl Lonely {
    /// Writes, unless somebody comes along: then the writer does it for all. Whoever is about to
    /// call gets to do so first; but if one task makes one call after the other, nobody is, and
    /// giving way would only wake another thread for nothing.
    pub(crate) async fn write(self) {
        if !self.again {
            sync::yield_now().await;
        }
        self.write_now();
    }

    fn write_now(mut self) {
        let Some(shared) = self.shared.take() else { return };
        let mut state = shared.lock();
        let writing = if state.is_lonely(self.calls) { state.take_writes() } else { None };
        if !state.is_at_rest() {
            shared.writer.notify_one();
        }
        drop(state);
        if let Some(writing) = writing {
            shared.write(writing);
        }
    }
}

impl Drop for Lonely {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take()
            && !shared.lock().is_at_rest()
            && !planted!(LonelyGone)
        {
            shared.writer.notify_one();
        }
    }
}

impl State {
    /// Takes in what was read by an opening of the shard.
    pub(crate) fn found(&mut self, generation: u64, found: Result<Input, Error>) {
        match found {
            _ if self.generation != generation => {}
            Ok(input) => self.feed(input),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    /// Whether a simulation does what threads do otherwise.
    fn is_by_hand(&self) -> bool {
        #[cfg(feature = "testing")]
        return self.by_hand;
        #[cfg(not(feature = "testing"))]
        false
    }

    /// Whether one caller, with so many calls, waits for something to be written that nobody is
    /// writing.
    fn is_lonely(&self, calls: usize) -> bool {
        self.callers.len() <= calls && !self.writing && !self.writes.is_empty()
    }

    /// Takes on what is to be written, unless somebody else is writing: batches are written in
    /// order.
    pub(crate) fn take_writes(&mut self) -> Option<Writing> {
        if (self.writing && !planted!(TwoWriters)) || self.writes.is_empty() {
            return None;
        }
        let generation = self.generation;
        let (store, epoch) = self.opened().map(|opened| (opened.store.clone(), opened.epoch))?;
        self.writing = true;
        Some(Writing { writes: std::mem::take(&mut self.writes), store, epoch, generation })
    }

    /// Whether there is nothing for the writer to do.
    pub(crate) fn is_at_rest(&self) -> bool {
        match self.phase {
            Phase::Open(_) | Phase::Closing(_) => self.writing || self.writes.is_empty(),
            Phase::Down => self.writing,
            Phase::Closed => false,
        }
    }
}
