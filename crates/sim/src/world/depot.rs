use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use abide_machine::{Key, Row};
use abide_store::{
    Error, ShardId, Store,
    codec::{self, family},
};

use crate::{
    check::Ledger,
    disk::Disk,
    setting::Plant,
    store::{Death, LogStore, Watched},
};

/// The only shard.
const SHARD: ShardId = ShardId(0);

/// Where stores are opened: the disk, and who has it open.
pub(crate) struct Depot {
    disk: Arc<Mutex<Disk>>,
    ledger: Arc<Mutex<Ledger>>,
    /// Whoever opens a store gets the one that is open, if it is whole.
    shared: bool,
    open: Mutex<Option<Arc<LogStore>>>,
    plant: Option<Plant>,
}

impl Depot {
    pub(crate) fn new(disk: Disk, shared: bool, plant: Option<Plant>) -> Self {
        let (disk, ledger) = (Arc::new(Mutex::new(disk)), Arc::default());
        Depot { disk, ledger, shared, open: Mutex::new(None), plant }
    }

    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        lock(&self.disk)
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// Opens the store.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>, Error> {
        let mut open = lock(&self.open);
        let whole = open.clone().filter(|store| self.shared && !store.has_failed());
        let store = match whole {
            Some(store) => store,
            None => {
                if let Some(old) = open.take() {
                    old.close();
                }
                let store = Arc::new(LogStore::open(self.disk.clone(), self.plant)?);
                self.ledger().reopened(store.contents(SHARD));
                *open = Some(store.clone());
                store
            }
        };
        Ok(Arc::new(Watched::new(store, self.ledger.clone())))
    }

    /// The process that has the store open is gone, and the store with it unless others have it.
    pub(crate) fn orphan(&self) {
        if !self.shared
            && let Some(old) = lock(&self.open).take()
        {
            old.close();
        }
    }

    /// What was not synced is lost, or some of it.
    pub(crate) fn lose_power(&self) {
        if let Some(old) = lock(&self.open).take() {
            old.close();
        }
        self.disk().lose_power();
    }

    /// Has the next commit end like this.
    pub(crate) fn die(&self, death: Death) {
        if let Some(store) = &*lock(&self.open) {
            store.die(death);
        }
    }

    /// Every record that the store must hold.
    ///
    /// # Errors
    /// When what was written cannot be read.
    pub(crate) fn rows(&self) -> Result<BTreeMap<Key, Row>, String> {
        let ledger = self.ledger();
        let records = ledger.contents().iter().filter(|(key, _)| key[0] < family::DUE.0);
        records
            .map(|(key, value)| {
                let key = abide_store::Key::from_bytes(key.clone()).ok_or("an empty key")?;
                let row = codec::decode_row(&key, value).map_err(|error| error.to_string())?;
                Ok((row.key(), row))
            })
            .collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
