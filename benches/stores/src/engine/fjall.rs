//! fjall 3: a log-structured merge tree; one write batch, journal synced by `fdatasync`.
//!
//! Rows and index entries share one keyspace, told apart by their key prefix: one memtable to bound,
//! and measurably faster than a keyspace each.

use super::{CACHE_BYTES, Engine};
use crate::workload::Record;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;

const MEMTABLE_BYTES: u64 = 32 * 1024 * 1024;

struct Fjall {
    database: Database,
    data: Keyspace,
}

pub fn open(directory: &Path) -> Box<dyn Engine> {
    let database = Database::builder(directory)
        .cache_size(CACHE_BYTES as u64)
        .worker_threads(1)
        .open()
        .expect("open fjall");
    let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
    let data = database.keyspace("data", options).expect("data");
    Box::new(Fjall { database, data })
}

impl Engine for Fjall {
    fn commit(&mut self, records: &[Record]) {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for record in records {
            batch.insert(&self.data, &record.key[..], &record.value[..]);
            record.index_puts.iter().for_each(|key| batch.insert(&self.data, &key[..], &b""[..]));
            batch.remove(&self.data, &record.index_delete[..]);
        }
        batch.commit().expect("commit");
    }
}
