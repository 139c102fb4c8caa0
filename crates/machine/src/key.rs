use std::sync::Arc;

use abide_protocol::{Id, Millis};

use crate::Row;

/// The key of a stored record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A promise, by id.
    Promise(Id),
    /// A task, by id.
    Task(Id),
    /// A schedule, by id.
    Schedule(Id),
    /// A message, by receiver first, so that what waits for a receiver is one range.
    Unblock(Arc<str>, Id),
}

/// An entry of an index: a fact about a record that something has to be found by. Entries are
/// derived from records by [`entries`](crate::entries) and hold nothing of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// A record that arms an internal step at a time.
    Due(Millis, DueKind, Id),
    /// A pending task that has been offered, by address.
    Ready(Arc<str>, Id),
    /// An acquired task, by the process that holds it.
    Held(Arc<str>, Id),
    /// A pending promise, by its owner.
    Owned(Id, Id),
}

/// Which internal step a due entry arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    /// The deadline of a promise.
    Deadline,
    /// A settled promise that still has somebody to resume or to tell, or something to
    /// cancel.
    Obligation,
    /// The first dispatch of a delayed task.
    Dispatch,
    /// The end of a lease.
    Lease,
    /// The next occurrence of a schedule.
    Occurrence,
}

impl Row {
    /// The key of this record.
    pub fn key(&self) -> Key {
        match self {
            Row::Promise(promise) => Key::Promise(promise.record.id.clone()),
            Row::Task(task) => Key::Task(task.id.clone()),
            Row::Schedule(schedule) => Key::Schedule(schedule.record.id.clone()),
            Row::Unblock(unblock) => Key::Unblock(unblock.address.clone(), unblock.promise.clone()),
        }
    }
}
