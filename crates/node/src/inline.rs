use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use abide_engine::{Input, Output, Receiver, Shard, Ticket};
use abide_protocol::{Message, Millis, Request, Response};
use abide_store::{Epoch, Error, MemoryStore, Store};

use crate::{
    config::Config,
    disk::{self, Read},
    state::Write,
};

/// A node without threads, clock or runtime: everything that is told to it is carried out to the
/// end, at the time that it is told. So the same inputs give the same outputs, always; it is what
/// simulations are built on. Its store is in memory and outlives it.
///
/// ```
/// use std::sync::Arc;
///
/// use abide_node::{Config, Inline};
/// use abide_protocol::{PromiseGet, Request, Status};
/// use abide_store::MemoryStore;
///
/// let mut node = Inline::open(Arc::new(MemoryStore::new()), &Config::default(), 1_000)?;
/// let response = node.call(Request::PromiseGet(PromiseGet { id: "order-7".into() }), 1_000);
/// assert_eq!(response.status, Status::NotFound);
/// # Ok::<(), abide_store::Error>(())
/// ```
pub struct Inline {
    shard: Shard,
    store: Arc<MemoryStore>,
    epoch: Epoch,
    last_ticket: Ticket,
    replies: HashMap<Ticket, Response>,
    deliveries: Vec<Delivery>,
    commits: u64,
}

/// A message that leaves an [`Inline`] node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Names the delivery, to be reported by [`Inline::report`]. A message without one may be lost.
    pub delivery: Option<u64>,
    /// Where it goes.
    pub address: Arc<str>,
    /// It.
    pub message: Message,
}

impl Inline {
    /// Opens a node over a store. Whoever had it open before is fenced.
    ///
    /// # Errors
    /// When the store belongs to somebody else.
    pub fn open(store: Arc<MemoryStore>, config: &Config, now: Millis) -> Result<Self, Error> {
        let claim = store.claim(disk::SHARD, &config.name, 0, now)?;
        let shard = Shard::new(config.timing, config.limits, claim.clock_floor.max(0));
        let (replies, deliveries) = (HashMap::new(), Vec::new());
        let epoch = claim.epoch;
        let mut this =
            Self { shard, store, epoch, last_ticket: 0, replies, deliveries, commits: 0 };
        this.input(Input::Tick, now);
        Ok(this)
    }

    /// Carries a request out.
    pub fn call(&mut self, request: Request, now: Millis) -> Response {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        self.input(Input::Call { ticket, request, debug_time: None }, now);
        self.replies.remove(&ticket).expect("what is carried out to the end is answered")
    }

    /// A receiver is there.
    pub fn connect(&mut self, receiver: Receiver, now: Millis) {
        self.input(Input::Connected { receiver }, now);
    }

    /// A receiver is gone.
    pub fn disconnect(&mut self, receiver: Receiver, now: Millis) {
        self.input(Input::Disconnected { receiver }, now);
    }

    /// Whether a message was taken. What was not is delivered again.
    pub fn report(&mut self, delivery: u64, taken: bool, now: Millis) {
        let input = if taken { Input::Taken { delivery } } else { Input::Refused { delivery } };
        self.input(input, now);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Millis) {
        self.input(Input::Tick, now);
    }

    /// When the next [`tick`](Self::tick) is due.
    pub fn next_wake(&self) -> Option<Millis> {
        self.shard.next_wake()
    }

    /// The messages that have left since this was last asked.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }

    /// How many batches were written: if it stays the same, nothing has changed.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    fn input(&mut self, input: Input, now: Millis) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.shard.input(input, now);
            while let Some(output) = self.shard.output() {
                inputs.extend(self.carry_out(output));
            }
        }
    }

    fn carry_out(&mut self, output: Output) -> Vec<Input> {
        let never = "a store in memory that belongs to one node does not fail";
        let read = |read: Read| vec![read.carry_out(&*self.store).expect(never)];
        match output {
            Output::Load { load, keys } => return read(Read::Load { load, keys }),
            Output::Scan { scan, range, after, limit } => {
                return read(Read::Scan { scan, range, after, limit });
            }
            Output::Commit(commit) => {
                self.commits += 1;
                let write = vec![Write::Commit(commit)];
                return disk::write(&*self.store, self.epoch, write).expect(never);
            }
            Output::Reset => {
                return disk::write(&*self.store, self.epoch, vec![Write::Reset]).expect(never);
            }
            Output::Reply { ticket, response } => drop(self.replies.insert(ticket, response)),
            Output::Deliver { delivery, address, message } => {
                self.deliveries.push(Delivery { delivery, address, message });
            }
        }
        Vec::new()
    }
}
