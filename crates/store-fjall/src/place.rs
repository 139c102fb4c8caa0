//! How shards share one ordered key space.

use std::ops::Bound;

use abide_store::{Key, Range, ShardId};

/// Who owns which shard.
const OWNERSHIP: u8 = 0;
/// What is in the shards.
const DATA: u8 = 1;
/// The number of the last commit that is in the tables; only there, never in the journal.
pub(crate) const FLUSHED: [u8; 1] = [DATA + 1];

/// The length of what precedes a key of a shard.
pub(crate) const PREFIX: usize = 3;

/// Where the ownership of a shard is kept.
pub(crate) fn ownership(shard: ShardId) -> [u8; PREFIX] {
    let [high, low] = shard.0.to_be_bytes();
    [OWNERSHIP, high, low]
}

/// All ownerships.
pub(crate) fn ownerships() -> ([u8; 1], [u8; 1]) {
    ([OWNERSHIP], [DATA])
}

/// The shard whose ownership is kept here.
pub(crate) fn owned_shard(place: &[u8]) -> Option<ShardId> {
    match place {
        [OWNERSHIP, high, low] => Some(ShardId(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// What every key of a shard begins with.
pub(crate) fn shard(shard: ShardId) -> [u8; PREFIX] {
    let [high, low] = shard.0.to_be_bytes();
    [DATA, high, low]
}

/// All that is in a shard, from the first place to before the second one.
pub(crate) fn whole(shard_id: ShardId) -> (Vec<u8>, Vec<u8>) {
    let from = shard(shard_id).to_vec();
    let to = shard_id.0.checked_add(1).map_or(vec![DATA + 1], |next| shard(ShardId(next)).to_vec());
    (from, to)
}

/// Writes the place of a key over what `out` held.
pub(crate) fn of(shard_id: ShardId, key: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&shard(shard_id));
    out.extend_from_slice(key);
}

/// The key that is stored here.
pub(crate) fn key(place: &[u8]) -> Option<Key> {
    Key::from_bytes(place.get(PREFIX..)?.to_vec())
}

/// The places of a range, from the first one to before the second one.
pub(crate) fn range(shard_id: ShardId, range: &Range) -> (Vec<u8>, Vec<u8>) {
    let (from, to) = range.bounds(&shard(shard_id));
    let from = match from {
        Bound::Included(place) => place,
        Bound::Excluded(place) => successor(place),
        Bound::Unbounded => Vec::new(),
    };
    let to = match to {
        Bound::Excluded(place) => place,
        Bound::Included(place) => successor(place),
        Bound::Unbounded => vec![DATA + 1],
    };
    (from, to)
}

/// The first place after this one.
pub(crate) fn successor(mut place: Vec<u8>) -> Vec<u8> {
    place.push(0);
    place
}
