//! What the bench asks of an engine: commit a batch atomically, durable on return.

#[cfg(feature = "abide")]
mod abide;
#[cfg(feature = "fjall")]
mod fjall;
mod raw;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::workload::Record;
use std::path::Path;

pub trait Engine {
    /// Commits all records and their index entries in one transaction and one sync.
    fn commit(&mut self, records: &[Record]);
}

/// Every engine gets a cache of this size, so that none wins by memory.
#[cfg(any(feature = "fjall", feature = "redb", feature = "sqlite"))]
const CACHE_BYTES: usize = 32 * 1024 * 1024;

type Open = fn(&Path) -> Box<dyn Engine>;

/// The engines compiled in, the limit first.
pub fn all() -> Vec<(&'static str, Open)> {
    vec![
        ("raw log", raw::open as Open),
        #[cfg(feature = "abide")]
        ("abide", abide::open as Open),
        #[cfg(feature = "fjall")]
        ("fjall", fjall::open as Open),
        #[cfg(feature = "sqlite")]
        ("sqlite", sqlite::open as Open),
        #[cfg(feature = "redb")]
        ("redb", redb::open as Open),
    ]
}
