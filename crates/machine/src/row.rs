use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::{Id, Millis, PromiseRecord, ScheduleRecord};

/// A stored promise: its record, and who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Promise {
    /// The record as it was last written; what it *is* at a time is its projection.
    pub record: Arc<PromiseRecord>,
    /// The promises whose tasks are resumed when this one settles. On a settled promise: those
    /// not yet resumed.
    pub awaiters: BTreeSet<Id>,
    /// The addresses that are told when this one settles. On a settled promise: those for which
    /// no message has been stored yet.
    pub listeners: BTreeSet<Arc<str>>,
    /// The addresses of stored messages about this promise that have not been taken yet, for as
    /// long as it must not be reclaimed. Nobody reclaims the root of a tree, so there it is empty.
    pub unheard: BTreeSet<Arc<str>>,
    /// It was canceled, and what it owns is still to be canceled with it.
    pub cascading: bool,
}

/// A stored task: the claim to execute the promise of the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// The id of the task and of its promise.
    pub id: Id,
    /// Where its messages go: the target of its promise.
    pub address: Arc<str>,
    /// The fencing token: moves by one on each acquisition and never otherwise.
    pub version: i64,
    /// How many awaited promises have settled since it was last acquired. An awaited promise
    /// settles once and then takes no callback any more, so the count of the set is its size.
    pub resumes: u64,
    /// Which these were, in the order of the callbacks: the first of them, up to
    /// [`RESUMED_LIMIT`](crate::RESUMED_LIMIT).
    pub resumed: Vec<Id>,
    /// Its state, with what belongs to it.
    pub phase: Phase,
}

/// The state of a task, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Waits for a worker.
    Pending {
        /// When it is offered (again).
        due: Millis,
        /// Whether it has been offered at all; not before its delay has passed.
        offered: bool,
    },
    /// Held by a process.
    Acquired {
        /// The process.
        pid: Arc<str>,
        /// The length of the lease, in milliseconds.
        ttl: Millis,
        /// When the lease ends unless a heartbeat extends it.
        expires: Millis,
    },
    /// Waits for awaited promises.
    Suspended,
    /// Stopped by an operator.
    Halted,
    /// Done.
    Fulfilled,
}

/// A stored schedule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The record.
    pub record: Arc<ScheduleRecord>,
}

/// A stored message: `promise` has settled and `address` is to hear of it. The record itself is
/// read when the message is sent; it can no longer change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unblock {
    /// The receiver.
    pub address: Arc<str>,
    /// The settled promise.
    pub promise: Id,
}

/// Any stored record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A promise.
    Promise(Arc<Promise>),
    /// A task.
    Task(Arc<Task>),
    /// A schedule.
    Schedule(Arc<Schedule>),
    /// A message.
    Unblock(Arc<Unblock>),
}
