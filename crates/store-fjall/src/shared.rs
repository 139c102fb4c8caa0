use std::{
    path::PathBuf,
    sync::{
        Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard,
        RwLockWriteGuard,
    },
};

use fjall::{Database, Keyspace};

use crate::memory::Memory;

/// What a store shares with the thread that writes its tables.
pub(crate) struct Shared {
    pub(crate) memory: RwLock<Memory>,
    pub(crate) tables: Keyspace,
    pub(crate) database: Database,
    pub(crate) journal: PathBuf,
    /// Why the store takes no commits any more.
    pub(crate) failure: OnceLock<String>,
    /// Whether the store is being closed.
    pub(crate) closing: Mutex<bool>,
    /// Tells that something was sealed, or is in a table now, or that the store is being closed or has
    /// failed.
    pub(crate) changed: Condvar,
}

impl Shared {
    pub(crate) fn closing(&self) -> MutexGuard<'_, bool> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many memtables wait to be written to a table.
    pub(crate) fn waiting(&self) -> usize {
        read(&self.memory).sealed.len()
    }

    /// Says why the store takes no commits any more, unless that has been said.
    pub(crate) fn fail(&self, reason: String) -> &str {
        let reason = self.failure.get_or_init(|| reason);
        // Whoever waits looks again.
        drop(self.closing());
        self.changed.notify_all();
        reason
    }
}

/// What has been committed. Nobody panics in the middle of a change to it: a commit is read before it
/// is taken in.
pub(crate) fn read(memory: &RwLock<Memory>) -> RwLockReadGuard<'_, Memory> {
    memory.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write(memory: &RwLock<Memory>) -> RwLockWriteGuard<'_, Memory> {
    memory.write().unwrap_or_else(PoisonError::into_inner)
}
