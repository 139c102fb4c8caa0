//! The records every engine commits: promise rows with the index entries that follow them.

/// One write of one record: a row put, two index puts and one index delete.
pub struct Record {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    pub index_puts: [Vec<u8>; 2],
    pub index_delete: Vec<u8>,
}

/// How many records later a created promise is written again, settled.
const SETTLE_LAG: u64 = 500;
/// Promises of one execution share a root, and so neighbour one another in key order.
const TREE: u64 = 8;

const FAMILY_DUE: u8 = 16;
const FAMILY_PENDING: u8 = 17;
const FAMILY_BRANCH: u8 = 18;

/// An endless, deterministic stream: every even step creates a promise, every odd step settles the
/// one created `SETTLE_LAG` creations earlier (the first ones settle themselves).
pub struct Workload {
    step: u64,
    filler: Vec<u8>,
}

impl Workload {
    pub fn new() -> Self {
        // Base64-like text: it does not compress away, as encoded arguments would not.
        let filler = (0..1024u64)
            .map(|n| {
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                    [(mix(n) % 64) as usize]
            })
            .collect();
        Self { step: 0, filler }
    }

    pub fn batch(&mut self, size: usize) -> Vec<Record> {
        (0..size).map(|_| self.next_record()).collect()
    }

    fn next_record(&mut self) -> Record {
        let step = self.step;
        self.step += 1;
        let newest = step / 2;
        if step.is_multiple_of(2) {
            let settled = newest.saturating_sub(SETTLE_LAG);
            Record {
                key: key(newest),
                value: self.value(newest, 300),
                index_puts: [due(newest), branch(newest)],
                index_delete: due(settled),
            }
        } else {
            let settled = newest.saturating_sub(SETTLE_LAG);
            Record {
                key: key(settled),
                value: self.value(settled, 380),
                index_puts: [pending(settled), due(settled)],
                index_delete: pending(settled.saturating_sub(SETTLE_LAG)),
            }
        }
    }

    fn value(&self, promise: u64, least: usize) -> Vec<u8> {
        let length = least + (mix(promise) % 220) as usize;
        let from = (mix(promise ^ 7) % (1024 - 600)) as usize;
        self.filler[from..from + length].to_vec()
    }
}

fn id(promise: u64) -> String {
    format!("order-saga-{:016x}:{}.1", mix(promise / TREE), promise % TREE)
}

fn key(promise: u64) -> Vec<u8> {
    prefixed(0, &[id(promise).as_bytes()])
}

fn due(promise: u64) -> Vec<u8> {
    let at = 1_790_000_000_000 + promise * 3 + mix(promise) % 60_000;
    prefixed(FAMILY_DUE, &[&at.to_be_bytes(), id(promise).as_bytes()])
}

fn pending(promise: u64) -> Vec<u8> {
    prefixed(FAMILY_PENDING, &[b"poll://any@workers\0", id(promise).as_bytes()])
}

fn branch(promise: u64) -> Vec<u8> {
    let root = format!("order-saga-{:016x}\0", mix(promise / TREE));
    prefixed(FAMILY_BRANCH, &[root.as_bytes(), id(promise).as_bytes()])
}

/// Two bytes of shard and one of family, as the store lays keys out.
fn prefixed(family: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![0, 3, family];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// The finaliser of splitmix64: spreads counters over the key space.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
