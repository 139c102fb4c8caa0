use abide_engine::{Limits, Receiver, Shard};
use abide_machine::{Config, Step, testing::Model};
use abide_protocol::{Millis, Request};

use crate::explore::{choice::Choice, rows::Rows};

/// A small part of all that can happen to a shard.
#[derive(Clone, Debug)]
pub struct ShardScope {
    /// Its name.
    pub name: &'static str,
    /// What is in it, in a sentence.
    pub about: &'static str,
    pub(super) config: Config,
    pub(super) limits: Limits,
    /// The points in time, in order.
    pub(super) times: Vec<Millis>,
    /// What is durable from the start.
    pub(super) stored: Rows,
    /// What may be asked.
    pub(super) calls: Vec<Call>,
    /// How many calls wait at the same time at most.
    pub(super) open: usize,
    /// How many calls are made at most.
    pub(super) most: u32,
    pub(super) receivers: Vec<Receiver>,
    /// The receiver to which tasks are offered.
    pub(super) worker: Option<usize>,
    /// How often a receiver connects at most.
    pub(super) connections: u32,
    /// How often a message is refused at most.
    pub(super) refusals: u32,
    pub(super) crashes: u32,
    /// How many batches go by at most while a read is not answered.
    pub(super) span: u64,
    /// Whether the store does something at one time and the shard is told of it at another.
    pub(super) slow: bool,
    /// Whether promises may be gone that were told of.
    pub(super) reclaims: bool,
}

/// Something that may be asked.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) text: String,
    pub(super) request: Request,
}

impl From<Choice> for Call {
    fn from(choice: Choice) -> Self {
        let Step::Request(request) = choice.step else { panic!("{} is no request", choice.text) };
        Call { text: choice.text, request }
    }
}

impl ShardScope {
    /// A shard over the store, which starts at this time.
    pub(super) fn shard(&self, floor: Millis) -> Shard {
        let mut shard = Shard::new(self.config, self.limits, floor);
        shard.watch();
        shard
    }

    /// Whether there is so little room that not everything is offered at once.
    pub(super) fn is_tiny(&self) -> bool {
        self.limits.window < self.stored.len() + self.calls.len()
    }

    /// How many calls may be made.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }
}

/// What is stored after these requests.
pub(super) fn stored(config: Config, time: Millis, before: Vec<Choice>) -> Rows {
    let mut model = Model::new(config);
    for choice in before {
        match &choice.step {
            Step::Request(request) => drop(model.request(request, time)),
            step => drop(model.take(step, time)),
        }
    }
    model.rows().clone()
}
