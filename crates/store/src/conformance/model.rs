//! Generated scripts, checked against an ordered map.

use std::{collections::BTreeMap, ops::Bound};

use super::*;

pub(super) const CHECKS: &[Check] = &[agrees_with_an_ordered_map];

const STEPS: usize = 400;

fn agrees_with_an_ordered_map(store: &dyn Store) {
    let shards = [0, 1].map(ShardId);
    let epochs = shards.map(|shard| claim(store, shard).epoch);
    let mut models: [BTreeMap<Vec<u8>, Vec<u8>>; 2] = Default::default();
    let mut random = Random(42);
    for step in 0..STEPS {
        if random.below(3) == 0 {
            let which = random.below(2);
            scan(store, shards[which], &models[which], &mut random);
            continue;
        }
        let commits = [0, 1].map(|which| {
            let mut batch = Batch::at(0);
            for _ in 0..random.below(6) {
                let suffix = random.name();
                let key = Key::new(FAMILY, &suffix);
                if random.below(3) == 0 {
                    models[which].remove(&suffix);
                    batch.delete(key);
                } else {
                    let value = step.to_be_bytes().to_vec();
                    models[which].insert(suffix, value.clone());
                    batch.put(key, value);
                }
            }
            Commit { shard: shards[which], epoch: epochs[which], batch }
        });
        store.commit(&commits).expect("the owner commits");
    }
}

fn scan(
    store: &dyn Store,
    shard: ShardId,
    model: &BTreeMap<Vec<u8>, Vec<u8>>,
    random: &mut Random,
) {
    let range = Range { family: FAMILY, from: random.bound(), to: random.bound() };
    let limit = 1 + random.below(20);
    let page = store.scan(shard, &range, limit).expect("scans");
    let expected: Vec<_> = if range.is_empty() {
        vec![]
    } else {
        let bounds = (range.from.clone(), range.to.clone());
        model.range::<Vec<u8>, _>(bounds).map(|(k, v)| (Key::new(FAMILY, k), v.clone())).collect()
    };
    assert_eq!(page.more, expected.len() > limit, "{range:?}, limit {limit}");
    let shown = expected.len().min(limit);
    assert_eq!(page.entries, expected[..shown], "{range:?}, limit {limit}");
}

/// The generator splitmix64: the same script in every run, on every backend.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((n ^ (n >> 31)) % bound as u64) as usize
    }

    /// Few letters and short names, so that writes meet earlier writes.
    fn name(&mut self) -> Vec<u8> {
        (0..self.below(4)).map(|_| [0, b'a', b'b', 255][self.below(4)]).collect()
    }

    fn bound(&mut self) -> Bound<Vec<u8>> {
        match self.below(3) {
            0 => Bound::Unbounded,
            1 => Bound::Included(self.name()),
            _ => Bound::Excluded(self.name()),
        }
    }
}
