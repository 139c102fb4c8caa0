//! SQLite through rusqlite: write-ahead log, `synchronous = FULL`, one writer.

use super::{CACHE_BYTES, Engine};
use crate::workload::Record;
use rusqlite::Connection;
use std::path::Path;

const SCHEMA: &str = "
    create table row (key blob primary key, value blob not null) without rowid;
    create table entry (key blob primary key) without rowid;";
const PUT_ROW: &str = "insert into row values (?1, ?2) \
    on conflict (key) do update set value = excluded.value";
const PUT_ENTRY: &str = "insert or ignore into entry values (?1)";
const DELETE_ENTRY: &str = "delete from entry where key = ?1";

struct Sqlite(Connection);

pub fn open(directory: &Path) -> Box<dyn Engine> {
    let connection = Connection::open(directory.join("store.db")).expect("open sqlite");
    connection.pragma_update(None, "journal_mode", "wal").expect("wal");
    connection.pragma_update(None, "synchronous", "full").expect("synchronous");
    connection.pragma_update(None, "locking_mode", "exclusive").expect("exclusive");
    connection.pragma_update(None, "cache_size", -(CACHE_BYTES as i64 / 1024)).expect("cache");
    connection.execute_batch(SCHEMA).expect("schema");
    Box::new(Sqlite(connection))
}

impl Engine for Sqlite {
    fn commit(&mut self, records: &[Record]) {
        let transaction = self.0.transaction().expect("begin");
        {
            let mut put_row = transaction.prepare_cached(PUT_ROW).expect("prepare");
            let mut put_entry = transaction.prepare_cached(PUT_ENTRY).expect("prepare");
            let mut delete_entry = transaction.prepare_cached(DELETE_ENTRY).expect("prepare");
            for record in records {
                put_row.execute((&record.key, &record.value)).expect("row");
                for key in &record.index_puts {
                    put_entry.execute((key,)).expect("entry");
                }
                delete_entry.execute((&record.index_delete,)).expect("delete");
            }
        }
        transaction.commit().expect("commit");
    }
}
