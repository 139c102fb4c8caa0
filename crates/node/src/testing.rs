//! A node without threads, for simulations: they decide when it reads, when it writes, when its
//! timer rings and what its clock says. Everything else is the code of [`Node`](crate::Node).

use std::sync::Arc;

use abide_engine::Input;
use abide_machine::testing::Taken;
use abide_protocol::{Message, Millis, Request, Response};
use abide_store::{Error, Store};

use crate::{
    Config, Receipt, Subscription,
    caller::Caller,
    clock::set::TIME,
    disk::Read,
    drive::Writing,
    push::{Push, Pushes},
    shared::Shared,
    state::{Opener, Phase, State, Turn},
    sync::oneshot,
    writer,
};

/// Sets the clock of all nodes that this thread runs, or lets them read the system's again.
pub fn set_clock(now: Option<Millis>) {
    TIME.set(now);
}

/// A node that does nothing by itself.
pub struct Manual {
    shared: Arc<Shared>,
    opener: Opener,
}

/// An answer that will come.
pub struct Answer {
    reply: oneshot::Receiver<Response>,
    turn: Turn,
}

/// Something that a node wants to read.
pub struct Reading {
    read: Read,
    store: Arc<dyn Store>,
    generation: u64,
}

/// What was read.
pub struct Found {
    found: Result<Input, Error>,
    generation: u64,
}

/// Batches that a node wants to write.
pub struct Batches(Writing);

impl Manual {
    /// Opens a node over the store that `opener` opens, now and after a failure.
    ///
    /// # Errors
    /// When the store cannot be opened or belongs to somebody else.
    pub fn open(opener: Opener, config: Config) -> Result<Self, Error> {
        let opened = writer::open(&opener, &config)?;
        let kept = opener.clone();
        let debug = config.debug;
        let shared = Shared::new(config, || State::new(opened, opener, debug));
        shared.lock().by_hand = true;
        shared.drive(|state| state.watch());
        shared.drive(|_| {});
        Ok(Manual { shared, opener: kept })
    }

    /// Somebody else has the store from now on. What the shard reads may not fit what it knows any
    /// more: that ends it, as it does where no simulation looks on.
    pub fn supersede(&self) {
        self.shared.lock().superseded = true;
    }

    /// Takes in a request, to take effect after another one if there is one before it; the error
    /// is its refusal.
    ///
    /// # Errors
    /// While the store is being opened again, or when it has failed since the one before.
    #[allow(clippy::result_large_err, reason = "a refusal is a response, and moved once")]
    pub fn call(&self, request: Request, before: Option<&Answer>) -> Result<Answer, Response> {
        let before = before.map(|before| before.turn);
        let (caller, mut reply) = oneshot::channel();
        let caller = Caller::waits(caller);
        let (turn, lonely) =
            self.shared.drive_calls(1, |state| state.call(request, None, before, caller));
        drop(lonely);
        match turn {
            Ok(turn) => Ok(Answer { reply, turn }),
            Err(_) => Err(reply.try_recv().expect("who is refused is told at once")),
        }
    }

    /// Connects a member of a group.
    pub fn connect(&self, group: &str, id: &str) -> Subscription {
        Subscription::new(self.shared.clone(), group, id)
    }

    /// Asks for the messages that are to be posted.
    pub fn pushes(&self) -> Pushes {
        Pushes::new(self.shared.clone())
    }

    /// Takes out what is to be read; each is to be [told](Self::tell) once.
    pub fn reads(&self) -> Vec<Reading> {
        let mut state = self.shared.lock();
        let generation = state.generation;
        let reads = std::mem::take(&mut state.reads);
        let Some(store) = state.opened().map(|opened| opened.store.clone()) else {
            return Vec::new();
        };
        state.reading += reads.len();
        reads.into_iter().map(|read| Reading { read, store: store.clone(), generation }).collect()
    }

    /// Tells the node what was read.
    pub fn tell(&self, found: Found) {
        self.shared.drive(|state| {
            state.reading -= 1;
            state.found(found.generation, found.found);
        });
    }

    /// Takes out what is to be written, unless something is being written; to be
    /// [written](Self::write).
    pub fn writes(&self) -> Option<Batches> {
        self.shared.lock().take_writes().map(Batches)
    }

    /// Writes, and does all that follows.
    pub fn write(&self, batches: Batches) {
        self.shared.write(batches.0);
    }

    /// When the timer is to ring, by the node's clock.
    pub fn alarm(&self) -> Option<Millis> {
        self.shared.lock().alarm
    }

    /// The timer rings.
    pub fn ring(&self) {
        self.shared.drive(|state| {
            state.alarm = None;
            state.feed(Input::Tick);
        });
    }

    /// Whether the store has failed and can be opened again now.
    pub fn is_down(&self) -> bool {
        let state = self.shared.lock();
        matches!(state.phase, Phase::Down) && !state.writing && state.reading == 0
    }

    /// Whether calls are taken now.
    pub fn is_serving(&self) -> bool {
        self.shared.lock().is_serving()
    }

    /// Opens the store again, and tells from when on the shard's time goes.
    ///
    /// # Errors
    /// When it cannot be, or belongs to somebody else.
    pub fn reopen(&self) -> Result<Millis, Error> {
        let opened = writer::open(&self.opener, &self.shared.config)?;
        let clock = opened.shard.clock();
        self.shared.drive(|state| {
            state.reopened(opened);
            state.watch();
        });
        Ok(clock)
    }

    /// The steps that the shard has taken since this was last asked.
    pub fn watched(&self) -> Vec<Taken> {
        self.shared.lock().opened().map(|opened| opened.shard.watched()).unwrap_or_default()
    }

    /// The shard's time; `None` while there is none.
    pub fn clock(&self) -> Option<Millis> {
        self.shared.lock().opened().map(|opened| opened.shard.clock())
    }

    /// Ends the node as a crash does: nothing is finished, nobody is told.
    pub fn kill(&self) {
        let mut state = self.shared.lock();
        let phase = std::mem::replace(&mut state.phase, Phase::Closed);
        state.generation += 1;
        state.callers.clear();
        state.reads.clear();
        state.writes.clear();
        state.registry.close();
        drop(state);
        drop(phase);
    }
}

impl State {
    fn watch(&mut self) {
        if let Some(opened) = self.opened() {
            opened.shard.watch();
        }
    }
}

impl Answer {
    /// The answer, when it is there.
    pub fn take(&mut self) -> Option<Response> {
        self.reply.try_recv().ok()
    }
}

impl Reading {
    /// Reads now.
    pub fn carry_out(self) -> Found {
        let Reading { read, store, generation } = self;
        Found { found: read.carry_out(&*store), generation }
    }
}

impl Pushes {
    /// The next message if there is one now.
    pub fn try_next(&mut self) -> Option<Push> {
        self.queue.try_recv().ok()
    }
}

impl Push {
    /// The message, and its receipt if it must not be lost.
    pub fn split(self) -> (Arc<str>, Message, Option<Receipt>) {
        (self.address, self.message, self.receipt)
    }
}
