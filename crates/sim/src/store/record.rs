//! What the log is made of: records with a length and a checksum. The checksum covers where the
//! record belongs, so that no other one is taken for it.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use abide_store::ShardId;

const HEAD: usize = 12;

/// One change that a record holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    Put(ShardId, &'a [u8], &'a [u8]),
    Delete(ShardId, &'a [u8]),
    /// Who owns the shard.
    Owner(ShardId, &'a [u8]),
    /// Nothing is left in the shard.
    Clear(ShardId),
}

/// A record being written.
#[derive(Default)]
pub(super) struct Payload(Vec<u8>);

impl Payload {
    pub(super) fn push(&mut self, change: &Change<'_>) {
        let (kind, shard, parts): (u8, &ShardId, [&[u8]; 2]) = match change {
            Change::Put(shard, key, value) => (0, shard, [key, value]),
            Change::Delete(shard, key) => (1, shard, [key, &[]]),
            Change::Owner(shard, bytes) => (2, shard, [bytes, &[]]),
            Change::Clear(shard) => (3, shard, [&[], &[]]),
        };
        self.0.push(kind);
        self.0.extend_from_slice(&shard.0.to_le_bytes());
        for part in parts {
            let length = u32::try_from(part.len()).expect("what is simulated is small");
            self.0.extend_from_slice(&length.to_le_bytes());
            self.0.extend_from_slice(part);
        }
    }

    /// The record, as the one of this number in this file.
    pub(super) fn seal(self, file: u64, number: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.0.len());
        let length = u32::try_from(self.0.len()).expect("what is simulated is small");
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&sum(&self.0, file, number).to_le_bytes());
        bytes.extend_from_slice(&self.0);
        bytes
    }
}

fn sum(payload: &[u8], file: u64, number: u64) -> u64 {
    xxh3_64_with_seed(payload, file.rotate_left(32) ^ number)
}

/// The record at the beginning of these bytes, and what follows it; `None` if there is none that
/// is whole.
pub(super) fn first(bytes: &[u8], file: u64, number: u64) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (expected, rest) = rest.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (payload, rest) = rest.split_at_checked(length)?;
    let whole = u64::from_le_bytes(*expected) == sum(payload, file, number);
    whole.then_some((payload, rest))
}

/// The changes that a whole record holds.
pub(super) fn changes(mut payload: &[u8]) -> Vec<Change<'_>> {
    let mut changes = Vec::new();
    while let Some((change, rest)) = change(payload) {
        changes.push(change);
        payload = rest;
    }
    changes
}

fn change(bytes: &[u8]) -> Option<(Change<'_>, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (shard, rest) = rest.split_first_chunk()?;
    let shard = ShardId(u16::from_le_bytes(*shard));
    let (one, rest) = part(rest)?;
    let (two, rest) = part(rest)?;
    let change = match kind {
        0 => Change::Put(shard, one, two),
        1 => Change::Delete(shard, one),
        2 => Change::Owner(shard, one),
        _ => Change::Clear(shard),
    };
    Some((change, rest))
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
