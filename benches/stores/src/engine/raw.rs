//! The limit: the same bytes appended to one file and synced, with nothing to read them back by.

use super::Engine;
use crate::workload::Record;
use std::{fs::File, io::Write, path::Path};

struct Raw {
    file: File,
    buffer: Vec<u8>,
}

pub fn open(directory: &Path) -> Box<dyn Engine> {
    let file = File::create(directory.join("log")).expect("create the log");
    Box::new(Raw { file, buffer: Vec::new() })
}

impl Engine for Raw {
    fn commit(&mut self, records: &[Record]) {
        self.buffer.clear();
        for record in records {
            self.put(&record.key, &record.value);
            record.index_puts.iter().for_each(|key| self.put(key, &[]));
            self.put(&record.index_delete, &[]);
        }
        self.file.write_all(&self.buffer).expect("append");
        self.file.sync_data().expect("sync");
    }
}

impl Raw {
    fn put(&mut self, key: &[u8], value: &[u8]) {
        self.buffer.extend_from_slice(&(key.len() as u32).to_le_bytes());
        self.buffer.extend_from_slice(&(value.len() as u32).to_le_bytes());
        self.buffer.extend_from_slice(key);
        self.buffer.extend_from_slice(value);
    }
}
