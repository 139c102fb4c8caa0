//! A store that takes time, and that fails when chance says so.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use abide_node_shuttle::sync::thread;
use abide_store::{Claim, Commit, Epoch, Error, Key, MemoryStore, Page, Range, ShardId, Store};
use shuttle::rand::{Rng, thread_rng};

/// The disk below all openings of a store, and what is counted about them.
#[derive(Default)]
pub(super) struct Disk {
    /// What is durable.
    pub(super) bytes: Arc<MemoryStore>,
    /// How many calls may still fail.
    faults: AtomicUsize,
    /// Openings that have failed.
    pub(super) failed: AtomicUsize,
    /// Openings there were.
    pub(super) opened: AtomicUsize,
    /// Openings that are held by somebody.
    pub(super) held: AtomicUsize,
}

/// One opening.
struct Opening {
    disk: Arc<Disk>,
    broken: AtomicBool,
    committing: AtomicBool,
}

impl Disk {
    pub(super) fn new(faults: usize) -> Arc<Self> {
        Arc::new(Disk { faults: AtomicUsize::new(faults), ..Disk::default() })
    }

    /// A disk with the same bytes that never fails.
    pub(super) fn healed(&self) -> Arc<Self> {
        assert_eq!(self.held.load(Ordering::SeqCst), 0, "the store is still open");
        Arc::new(Disk { bytes: self.bytes.clone(), ..Disk::default() })
    }

    /// Opens it. After the first time that may fail, too.
    pub(super) fn open(self: &Arc<Self>) -> Result<Arc<dyn Store>, Error> {
        if self.opened.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
            if self.fails() {
                return Err(Error::Unavailable("it cannot be opened".into()));
            }
        }
        // One handle at a time, as with a directory.
        if self.held.fetch_add(1, Ordering::SeqCst) > 0 {
            self.held.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::Unavailable("somebody has it open".into()));
        }
        self.opened.fetch_add(1, Ordering::SeqCst);
        let (broken, committing) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Arc::new(Opening { disk: self.clone(), broken, committing }))
    }

    fn fails(&self) -> bool {
        let left = self.faults.load(Ordering::SeqCst);
        let fails = left > 0 && thread_rng().gen_range(0..4) == 0;
        if fails {
            self.faults.store(left - 1, Ordering::SeqCst);
        }
        fails
    }
}

impl Opening {
    /// Does something that takes time. Once it has failed, it fails for ever.
    fn use_it<T>(&self, with: impl FnOnce(&MemoryStore) -> Result<T, Error>) -> Result<T, Error> {
        thread::yield_now();
        let broken = || Err(Error::Unavailable("it is broken".into()));
        if self.broken.load(Ordering::SeqCst) {
            return broken();
        }
        let fails = self.disk.fails();
        if fails {
            self.disk.failed.fetch_add(1, Ordering::SeqCst);
            self.broken.store(true, Ordering::SeqCst);
        }
        // What has failed may have been done all the same.
        let done = if fails && thread_rng().gen_range(0..2) == 0 {
            broken()
        } else {
            with(&self.disk.bytes)
        };
        for _ in 0..thread_rng().gen_range(1..6) {
            thread::yield_now();
        }
        if fails { broken() } else { done }
    }
}

impl Store for Opening {
    fn claim(&self, shard: ShardId, node: &str, lease: i64, now: i64) -> Result<Claim, Error> {
        self.disk.bytes.claim(shard, node, lease, now)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.use_it(|store| store.load(shard, keys))
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        self.use_it(|store| store.scan(shard, range, limit))
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        let alone = !self.committing.swap(true, Ordering::SeqCst);
        assert!(alone, "two commits at the same time");
        let done = self.use_it(|store| store.commit(commits));
        self.committing.store(false, Ordering::SeqCst);
        done
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        self.use_it(|store| store.clear(shard, epoch))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        // Closing takes time, too.
        if !std::thread::panicking() {
            thread::yield_now();
        }
        self.disk.held.fetch_sub(1, Ordering::SeqCst);
    }
}
