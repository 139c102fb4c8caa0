/// The number of a shard: the unit of ownership, of fencing and of atomicity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u16);

/// Counts the claims of a shard. A commit carries the epoch of the claim it was made under, and a
/// store takes it only while no later claim exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// What a claim gives its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What every commit of this owner has to carry.
    pub epoch: Epoch,
    /// The owner's clock starts at or after this time (Unix milliseconds): no earlier owner can
    /// have acted at a later one.
    pub clock_floor: i64,
}

/// Who owns a shard and how far its clock has come: the record that a backend keeps per shard.
/// Its rules are the same in every backend, so they are written here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The epoch of the last claim.
    pub epoch: Epoch,
    /// The node that made it.
    pub node: String,
    /// When its lease ends, in Unix milliseconds.
    pub lease_end: i64,
    /// The latest time at which a committed step ran, in Unix milliseconds.
    pub clock: i64,
}

impl Default for Ownership {
    fn default() -> Self {
        Ownership { epoch: Epoch(0), node: String::new(), lease_end: i64::MIN, clock: i64::MIN }
    }
}

impl Ownership {
    /// The ownership after `node` claims the shard, or `None` while another node's lease runs.
    ///
    /// A node may always claim anew what it holds itself: that is how a restarted process gets its
    /// shards back at once, with the epoch that fences whatever is left of its predecessor.
    pub fn claimed(&self, node: &str, lease_ms: i64, now_ms: i64) -> Option<(Ownership, Claim)> {
        let same = self.node == node || self.epoch == Epoch(0);
        if !same && now_ms < self.lease_end && !fault!(ClaimStolen) {
            return None;
        }
        // Another node may have answered reads until its lease ended, at times no commit tells of.
        let clock_floor = if same { self.clock } else { self.clock.max(self.lease_end) };
        let epoch = Epoch(self.epoch.0 + 1);
        let epoch = if fault!(EpochKept) { self.epoch } else { epoch };
        let ownership = Ownership {
            epoch,
            node: node.to_owned(),
            lease_end: now_ms.saturating_add(lease_ms),
            clock: clock_floor,
        };
        Some((ownership, Claim { epoch, clock_floor }))
    }
}

/// Layout of the encoded form: a version, two integers and a clock, then the node's name.
const VERSION: u8 = 1;

impl Ownership {
    /// The bytes a backend stores.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(25 + self.node.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&self.lease_end.to_be_bytes());
        bytes.extend_from_slice(&self.clock.to_be_bytes());
        bytes.extend_from_slice(self.node.as_bytes());
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` when it is something else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, rest) = bytes.split_first()? else { return None };
        let (epoch, rest) = rest.split_first_chunk()?;
        let (lease_end, rest) = rest.split_first_chunk()?;
        let (clock, node) = rest.split_first_chunk()?;
        Some(Ownership {
            epoch: Epoch(u64::from_be_bytes(*epoch)),
            lease_end: i64::from_be_bytes(*lease_end),
            clock: i64::from_be_bytes(*clock),
            node: str::from_utf8(node).ok()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoded_form_reads_back() {
        let ownership =
            Ownership { epoch: Epoch(7), node: "näme".into(), lease_end: -1, clock: i64::MAX };
        assert_eq!(Ownership::decode(&ownership.encode()), Some(ownership));
        assert_eq!(Ownership::decode(&Ownership::default().encode()), Some(Ownership::default()));
        assert_eq!(Ownership::decode(&[]), None);
        assert_eq!(Ownership::decode(&[2; 30]), None);
    }
}
