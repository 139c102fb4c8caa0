//! What the store has to hold, kept apart from the store.

use std::collections::BTreeMap;

use abide_store::{Key, ShardId};

use super::script::Operation;

/// What is in one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// The epoch that was last acknowledged.
    pub(super) epoch: u64,
    pub(super) clock: i64,
    pub(super) entries: BTreeMap<Key, Vec<u8>>,
}

/// What is in the shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) shards: Vec<Shard>,
}

impl Model {
    pub(super) fn new(shards: u16) -> Model {
        let shard = Shard { epoch: 0, clock: i64::MIN, entries: BTreeMap::new() };
        Model { shards: vec![shard; shards.into()] }
    }

    pub(super) fn shard(&self, shard: ShardId) -> &Shard {
        &self.shards[usize::from(shard.0)]
    }

    /// The state after an operation; `epoch` is what a claim was given.
    pub(super) fn apply(&mut self, operation: &Operation, epoch: Option<u64>) {
        match operation {
            Operation::Reopen => {}
            Operation::Claim(shard) => {
                let shard = &mut self.shards[usize::from(shard.0)];
                shard.epoch = epoch.unwrap_or(shard.epoch + 1);
            }
            Operation::Clear(shard) => {
                let shard = &mut self.shards[usize::from(shard.0)];
                shard.entries.clear();
                shard.clock = i64::MIN;
            }
            Operation::Commit { now, shards } => {
                for (shard, writes) in shards {
                    let shard = &mut self.shards[usize::from(shard.0)];
                    shard.clock = shard.clock.max(*now);
                    for (key, value) in writes {
                        match value {
                            Some(value) => shard.entries.insert(key.clone(), value.clone()),
                            None => shard.entries.remove(key),
                        };
                    }
                }
            }
        }
    }

    /// All states that a crash during an operation may leave, the latest last.
    pub(super) fn during(&self, operation: Option<&Operation>) -> Vec<Model> {
        let mut states = vec![self.clone()];
        let Some(operation) = operation else { return states };
        if let Operation::Clear(shard) = operation {
            // A clear is allowed to stop half-way: the entries go first.
            let mut half = self.clone();
            half.shards[usize::from(shard.0)].entries.clear();
            states.push(half);
        }
        let mut after = self.clone();
        after.apply(operation, None);
        states.push(after);
        states
    }
}
