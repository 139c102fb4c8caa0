//! redb 4: a copy-on-write B-tree, `Durability::Immediate`.

use super::{CACHE_BYTES, Engine};
use crate::workload::Record;
use redb::{Database, Durability, TableDefinition};
use std::path::Path;

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
const INDEX: TableDefinition<&[u8], ()> = TableDefinition::new("index");

struct Redb(Database);

pub fn open(directory: &Path) -> Box<dyn Engine> {
    let database = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create(directory.join("store.redb"))
        .expect("open redb");
    Box::new(Redb(database))
}

impl Engine for Redb {
    fn commit(&mut self, records: &[Record]) {
        let mut transaction = self.0.begin_write().expect("begin");
        transaction.set_durability(Durability::Immediate).expect("durability");
        {
            let mut rows = transaction.open_table(ROWS).expect("rows");
            let mut index = transaction.open_table(INDEX).expect("index");
            for record in records {
                rows.insert(&record.key[..], &record.value[..]).expect("row");
                for key in &record.index_puts {
                    index.insert(&key[..], ()).expect("entry");
                }
                index.remove(&record.index_delete[..]).expect("delete");
            }
        }
        transaction.commit().expect("commit");
    }
}
