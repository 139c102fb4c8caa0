//! Memtables are freed where nobody waits for it.
//!
//! The engine keeps a memtable that has been flushed until the next one is full. Then it lets go of it
//! under a lock that every read and every write takes: to free some 100,000 pieces of memory held
//! everybody up for 20 to 40 ms. So the store keeps each memtable, too, until it is the last to do so,
//! and has a thread of its own free it.

use std::{any::Any, collections::VecDeque, ptr, sync::Arc, thread};

/// A memtable, of which nothing is wanted but that it stays.
pub(crate) type Memtable = Arc<dyn Any + Send + Sync>;

/// The memtables that the engine may still have, the active one last. There are no more of them than
/// the engine has, and those that it has let go of since the last commit.
#[derive(Default)]
pub(crate) struct Memtables(VecDeque<Memtable>);

impl Memtables {
    /// Keeps the memtable that is written to, and has those freed that the engine has let go of.
    pub(crate) fn keep(&mut self, active: Memtable) {
        let last = self.0.back();
        if last.is_none_or(|last| !ptr::addr_eq(Arc::as_ptr(last), Arc::as_ptr(&active))) {
            self.0.push_back(active);
        }
        while let Some(freed) = self.0.pop_front_if(|oldest| Arc::strong_count(oldest) == 1) {
            let free = thread::Builder::new().name("abide-free".into());
            // Where there are no more threads it is freed here.
            let _ = free.spawn(move || drop(freed));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Tells which thread frees it.
    struct Told(Sender<thread::ThreadId>);

    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send(thread::current().id());
        }
    }

    #[test]
    fn what_the_engine_has_let_go_of_is_freed_by_another_thread() {
        let (sender, freed) = channel();
        let table = || -> Memtable { Arc::new(Told(sender.clone())) };
        let mut kept = Memtables::default();
        let (first, second) = (table(), table());
        for table in [&first, &first, &second, &second] {
            kept.keep(table.clone());
        }
        assert_eq!(kept.0.len(), 2);
        drop(first);
        assert!(freed.try_recv().is_err(), "it is kept");
        kept.keep(second.clone());
        assert_eq!(kept.0.len(), 1);
        assert_ne!(freed.recv().unwrap(), thread::current().id());
    }
}
