//! What the process under trial does. A seed decides it.

use abide_store::{Family, Key, ShardId};
use abide_store_fjall::Options;
use fastrand::Rng;

/// The families that are written to.
pub(super) const FAMILIES: [Family; 3] = [Family(1), Family(2), Family(16)];

/// Every commit writes this key in each of its shards, so that no two states are the same.
const COUNTER: &[u8] = b"counter";

/// The keys of a family are few, so that they are overwritten and deleted.
const KEYS: u32 = 60;

/// The writes of one shard; `None` deletes.
pub(super) type Writes = Vec<(Key, Option<Vec<u8>>)>;

/// One step of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Claim(ShardId),
    Commit {
        now: i64,
        shards: Vec<(ShardId, Writes)>,
    },
    Clear(ShardId),
    /// The store is closed and opened again.
    Reopen,
}

/// All steps of the process.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) options: Options,
    pub(super) operations: Vec<Operation>,
}

impl Script {
    /// The script of a seed.
    pub(super) fn new(seed: u64, length: usize) -> Script {
        let mut rng = Rng::with_seed(seed);
        let shards = rng.u16(1..=4);
        // Small, so that memtables are flushed and tables compacted all the time.
        let memtable_bytes = [2 << 10, 4 << 10, 16 << 10, 64 << 10][rng.usize(..4)];
        let options = Options { shards, cache_bytes: 1 << 20, memtable_bytes };
        let mut operations: Vec<Operation> =
            (0..shards).map(|shard| Operation::Claim(ShardId(shard))).collect();
        while operations.len() < length {
            let number = operations.len() as u64;
            let shard = ShardId(rng.u16(..shards));
            operations.push(match rng.u8(..40) {
                0 | 1 => Operation::Reopen,
                2 => Operation::Clear(shard),
                3 => Operation::Claim(shard),
                _ => commit(shards, number, &mut rng),
            });
        }
        Script { options, operations }
    }
}

/// A commit to one shard or to several.
pub(super) fn commit(shards: u16, number: u64, rng: &mut Rng) -> Operation {
    let chosen = |rng: &mut Rng| match rng.u8(..3) {
        0 => (0..shards).map(ShardId).collect(),
        _ => vec![ShardId(rng.u16(..shards))],
    };
    let large = rng.u8(..12) == 0;
    let shards = chosen(rng).into_iter().map(|shard| (shard, writes(number, large, rng))).collect();
    Operation::Commit { now: number as i64 * 10 + rng.i64(..10), shards }
}

fn writes(number: u64, large: bool, rng: &mut Rng) -> Writes {
    let counter = Key::new(FAMILIES[0], COUNTER);
    let mut writes = vec![(counter, Some(number.to_be_bytes().to_vec()))];
    for _ in 0..rng.usize(..if large { 120 } else { 12 }) {
        let family = FAMILIES[rng.usize(..FAMILIES.len())];
        let key = Key::new(family, &rng.u32(..KEYS).to_be_bytes());
        writes.push((key, (rng.u8(..4) > 0).then(|| value(large, rng))));
    }
    writes
}

/// Bytes without meaning, some with long runs of zeros, which look like what was never written.
fn value(large: bool, rng: &mut Rng) -> Vec<u8> {
    let length = match rng.u8(..10) {
        0 => rng.usize(..4),
        1 => rng.usize(..if large { 30_000 } else { 3_000 }),
        _ => rng.usize(..300),
    };
    if rng.u8(..8) == 0 {
        return vec![0; length];
    }
    let mut bytes = vec![0; length];
    rng.fill(&mut bytes);
    bytes
}
