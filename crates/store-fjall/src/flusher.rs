use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use fjall::{AbstractTree as _, PersistMode};

use crate::{
    journal,
    memory::Sealed,
    place,
    shared::{self, Shared},
};

/// How many tables may lie over each other before the next one waits for a compaction: every look-up
/// may have to ask each of them.
const OVERLAPPING_TABLES: usize = 16;

/// How long the flusher sleeps before it looks again whether the compaction has come along.
const COMPACTION_PAUSE: Duration = Duration::from_millis(5);

/// The thread that writes what is sealed to tables, one after the other. Dropping this ends it, when
/// it has finished the table that it is writing.
pub(crate) struct Flusher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub(crate) fn start(shared: Arc<Shared>) -> io::Result<Flusher> {
        let its = shared.clone();
        let thread = thread::Builder::new().name("abide-flush".into());
        let thread = thread.spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| run(&its))).is_err() {
                its.fail("the thread that writes tables has panicked".into());
            }
        })?;
        Ok(Flusher { shared, thread: Some(thread) })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        *self.shared.closing() = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared) {
    while let Some(sealed) = next(shared) {
        if let Err(error) = flush(shared, &sealed) {
            let path = shared.journal.display();
            shared
                .fail(format!("a table could not be written from the journal in {path}: {error}"));
            return;
        }
        shared::write(&shared.memory).sealed.pop_front();
        drop(shared.closing());
        shared.changed.notify_all();
    }
}

/// The oldest memtable that is sealed; waits for one. `None` when the store is closed or has failed.
fn next(shared: &Shared) -> Option<Arc<Sealed>> {
    let mut closing = shared.closing();
    loop {
        if *closing || shared.failure.get().is_some() {
            return None;
        }
        if let Some(sealed) = shared::read(&shared.memory).sealed.front() {
            return Some(sealed.clone());
        }
        closing = shared.changed.wait(closing).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Writes a table, and removes the segment that it replaces.
fn flush(shared: &Shared, sealed: &Sealed) -> Result<(), String> {
    let engine = |error: fjall::Error| error.to_string();
    // Fails if a compaction has.
    shared.database.persist(PersistMode::Buffer).map_err(engine)?;
    while shared.tables.tree.l0_run_count() > OVERLAPPING_TABLES && !*shared.closing() {
        thread::sleep(COMPACTION_PAUSE);
    }
    let mut table = shared.tables.start_ingestion().map_err(engine)?;
    for (key, value) in sealed.memtable.changes() {
        match value {
            Some(value) => table.write(key.clone(), value.clone()),
            None => table.write_tombstone(key.clone()),
        }
        .map_err(engine)?;
    }
    table.write(place::FLUSHED, sealed.last.to_be_bytes()).map_err(engine)?;
    table.finish().map_err(engine)?;
    journal::remove(&shared.journal, sealed.segment).map_err(|error| error.to_string())
}
