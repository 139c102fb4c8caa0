use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{Hash, Hasher},
    sync::Arc,
};

use abide_engine::{Commit, Input, Shard};
use abide_machine::{Key, Row, Unblock};
use abide_protocol::{Id, Millis};
use xxhash_rust::xxh3::xxh3_128;

use super::{disk, scope::ShardScope};
use crate::explore::rows::Rows;

/// A shard and all around it.
#[derive(Clone)]
pub struct World {
    pub(super) shard: Shard,
    /// What is durable.
    pub(super) disk: Arc<Rows>,
    /// The time of the last commit that is durable.
    pub(super) floor: Millis,
    /// What the machine has come to by the steps that the shard has taken.
    pub(super) model: Arc<Rows>,
    pub(super) time: u32,
    /// How many calls were made.
    pub(super) made: u32,
    pub(super) crashes: u32,
    pub(super) connections: u32,
    pub(super) refusals: u32,
    /// The calls that have not been answered.
    pub(super) open: BTreeSet<u64>,
    /// The loads and scans that have not been answered, in the order in which they were wanted.
    pub(super) reads: Vec<Read>,
    /// The commits that the shard has not been told of.
    pub(super) commits: VecDeque<Commit>,
    /// How many of them are durable.
    pub(super) synced: usize,
    /// Which receivers are connected: a bit each.
    pub(super) connected: u32,
    /// The messages that have been sent and must not be lost.
    pub(super) sent: Vec<Sent>,
    /// The tasks that were offered since the last connection, at these versions.
    pub(super) offered: BTreeSet<(Id, i64)>,
}

/// A load or a scan.
#[derive(Clone, Debug, Hash)]
pub(super) struct Read {
    pub(super) number: u64,
    pub(super) wanted: disk::Wanted,
    pub(super) answer: Answer,
}

/// How far a read has come.
#[derive(Clone, Debug, Hash)]
pub(super) enum Answer {
    Awaited,
    Found(disk::Found),
}

/// A message that has been sent.
#[derive(Clone, Debug, Hash)]
pub(super) struct Sent {
    pub(super) delivery: u64,
    pub(super) unblock: Unblock,
}

impl World {
    pub(super) fn new(scope: &ShardScope) -> Self {
        let rows = Arc::new(scope.stored.clone());
        let mut world = World {
            shard: scope.shard(scope.times[0]),
            disk: rows.clone(),
            floor: scope.times[0],
            model: rows,
            time: 0,
            made: 0,
            crashes: 0,
            connections: 0,
            refusals: 0,
            open: BTreeSet::new(),
            reads: Vec::new(),
            commits: VecDeque::new(),
            synced: 0,
            connected: 0,
            sent: Vec::new(),
            offered: BTreeSet::new(),
        };
        world.begin(scope);
        world
    }

    /// The time.
    pub fn now(&self, scope: &ShardScope) -> Millis {
        scope.times[self.time as usize]
    }

    /// What is durable.
    pub fn durable(&self) -> &BTreeMap<Key, Row> {
        &self.disk
    }

    /// Whether the shard wants to be woken.
    pub(super) fn wakes(&self, scope: &ShardScope) -> bool {
        self.shard.next_wake().is_some_and(|time| time <= self.now(scope))
    }

    pub(super) fn is_connected(&self, receiver: usize) -> bool {
        self.connected & 1 << receiver != 0
    }

    /// Whether there is nothing left to wait for.
    pub fn rests(&self, scope: &ShardScope) -> bool {
        self.reads.is_empty() && self.commits.is_empty() && !self.wakes(scope)
    }

    /// The identity of the state. The shard is normalised.
    pub(super) fn fingerprint(&self) -> u128 {
        let World {
            shard,
            disk,
            floor,
            model,
            time,
            made,
            crashes,
            connections,
            refusals,
            open,
            reads,
            commits,
            synced,
            connected,
            sent,
            offered,
        } = self;
        let mut bytes = Bytes(Vec::with_capacity(4096));
        (shard, disk, floor, model, time, made, crashes, connections).hash(&mut bytes);
        (refusals, open, reads, commits, synced, connected, sent, offered).hash(&mut bytes);
        xxh3_128(&bytes.0)
    }

    /// What the shard is told by the answer to a read.
    pub(super) fn answer(read: Read) -> Option<Input> {
        match read.answer {
            Answer::Awaited => None,
            Answer::Found(disk::Found::Rows(rows)) => {
                Some(Input::Loaded { load: read.number, rows })
            }
            Answer::Found(disk::Found::Page(page)) => {
                Some(Input::Scanned { scan: read.number, page })
            }
        }
    }
}

/// Everything that is hashed, to be hashed at once.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        unreachable!("the bytes are hashed at once")
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}
