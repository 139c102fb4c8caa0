//! The store as Abide ships it: a journal of its own and fjall's tables behind the seam, with fences
//! and the clock of the shard.

use super::Engine;
use crate::workload::Record;
use abide_store::{Batch, Commit, Epoch, Key, ShardId, Store};
use abide_store_fjall::{FjallStore, Options};
use std::path::Path;

const SHARD: ShardId = ShardId(3);

struct Abide {
    store: FjallStore,
    epoch: Epoch,
    now: i64,
}

pub fn open(directory: &Path) -> Box<dyn Engine> {
    let store = FjallStore::open(directory, Options::default()).expect("open the store");
    let epoch = store.claim(SHARD, "bench", 0, 0).expect("claim").epoch;
    Box::new(Abide { store, epoch, now: 0 })
}

impl Engine for Abide {
    fn commit(&mut self, records: &[Record]) {
        self.now += 1;
        let mut batch = Batch::at(self.now);
        for record in records {
            batch.put(key(&record.key), record.value.clone());
            record.index_puts.iter().for_each(|put| batch.put(key(put), Vec::new()));
            batch.delete(key(&record.index_delete));
        }
        let commit = Commit { shard: SHARD, epoch: self.epoch, batch };
        self.store.commit(&[commit]).expect("commit");
    }
}

/// The workload's keys begin with the shard, which the store adds by itself.
fn key(bytes: &[u8]) -> Key {
    Key::from_bytes(bytes[2..].to_vec()).expect("a family")
}
