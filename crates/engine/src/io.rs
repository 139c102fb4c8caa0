//! What goes into a shard and what comes out of it.

use std::sync::Arc;

use abide_machine::{Entry, Key, Row};
use abide_protocol::{Message, Millis, Request, Response};

/// Names a call; chosen by whoever makes it, and unique among the calls in progress.
pub type Ticket = u64;

/// Names a commit. Batches are numbered from 1 upwards and become durable in that order.
pub type Batch = u64;

/// Something that happens to a shard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A request. It is answered by one [`Output::Reply`] with the same ticket.
    Call {
        /// Names the call.
        ticket: Ticket,
        /// What is asked.
        request: Request,
        /// The time to carry it out at instead of the clock's, on a debug server.
        debug_time: Option<Millis>,
    },
    /// A request that takes effect after another one that was taken in, even if that one waits
    /// for rows that this one does not need.
    CallAfter {
        /// The one before it.
        before: Ticket,
        /// Names the call.
        ticket: Ticket,
        /// What is asked.
        request: Request,
        /// The time to carry it out at instead of the clock's, on a debug server.
        debug_time: Option<Millis>,
    },
    /// The answer to [`Output::Load`].
    Loaded {
        /// Names the load.
        load: u64,
        /// Every key that was asked for, with what is stored.
        rows: Vec<(Key, Option<Row>)>,
    },
    /// The answer to [`Output::Scan`].
    Scanned {
        /// Names the scan.
        scan: u64,
        /// What was found.
        page: Page,
    },
    /// This batch and all before it are durable.
    Committed {
        /// The newest durable batch.
        batch: Batch,
    },
    /// A receiver has connected. The same receiver may connect several times over.
    Connected {
        /// Who.
        receiver: Receiver,
    },
    /// One connection of a receiver has ended.
    Disconnected {
        /// Who.
        receiver: Receiver,
    },
    /// A receiver has taken a message, so it may be forgotten.
    Taken {
        /// The delivery.
        delivery: u64,
    },
    /// A message was not taken, so it is to be delivered again.
    Refused {
        /// The delivery.
        delivery: u64,
    },
    /// The time that [`Shard::next_wake`](crate::Shard::next_wake) named has come.
    Tick,
    /// The answer to [`Output::Reset`]: the store is empty.
    ResetDone,
}

impl Input {
    /// Whether it is carried out at a time of the caller's choice.
    pub(crate) fn has_own_time(&self) -> bool {
        matches!(
            self,
            Input::Call { debug_time: Some(_), .. } | Input::CallAfter { debug_time: Some(_), .. }
        )
    }
}

/// Something that a shard wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// These rows. Answered by [`Input::Loaded`].
    Load {
        /// Names the load.
        load: u64,
        /// Their keys.
        keys: Vec<Key>,
    },
    /// A page of a range. Answered by [`Input::Scanned`].
    Scan {
        /// Names the scan.
        scan: u64,
        /// What to scan.
        range: Range,
        /// Only what comes after this.
        after: Option<Position>,
        /// How much at most.
        limit: usize,
    },
    /// Make this durable, all or nothing. Answered by [`Input::Committed`]. If it fails, the shard
    /// must be dropped and opened anew from the store: it has built on what was lost.
    Commit(Commit),
    /// The answer to a call. What it tells is durable.
    Reply {
        /// The call.
        ticket: Ticket,
        /// The answer.
        response: Response,
    },
    /// A message to send. What it tells is durable.
    Deliver {
        /// Names the delivery, to be reported by [`Input::Taken`] or [`Input::Refused`]. A
        /// message without one may be lost.
        delivery: Option<u64>,
        /// Where it goes.
        address: Arc<str>,
        /// The message.
        message: Message,
    },
    /// Empty the store after every commit handed out so far has ended. Answered by
    /// [`Input::ResetDone`].
    Reset,
}

/// A batch: post-images of whole rows, and the change of the index that follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Commit {
    /// Its number.
    pub batch: Batch,
    /// Every row that changed, once, with its final image; `None` deletes it.
    pub rows: Vec<(Key, Option<Row>)>,
    /// Index entries to write.
    pub put: Vec<Entry>,
    /// Index entries to delete.
    pub delete: Vec<Entry>,
    /// The shard's time. A shard opened later from the store must not start before it.
    pub clock: Millis,
}

/// Who messages can be delivered to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receiver {
    /// A member of a group, connected by a stream.
    Member {
        /// The group.
        group: Arc<str>,
        /// The member.
        id: Arc<str>,
    },
    /// Whatever posts messages to `http` and `https` addresses.
    Http,
}

/// What can be scanned. Rows are found by key, entries in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// The promises whose ids begin with this text, by id; the empty text means all. Finds rows.
    Promises(Arc<str>),
    /// All tasks, by id. Finds rows.
    Tasks,
    /// All schedules, by id. Finds rows.
    Schedules,
    /// The messages for some addresses, by address and promise. Finds rows.
    Unblocks(Addresses),
    /// Everything that is due, by time. Finds entries.
    Due,
    /// The tasks that have been offered to some addresses, by address and id. Finds entries.
    Ready(Addresses),
    /// The pending promises that a promise owns, by id. Finds entries.
    Owned(abide_protocol::Id),
    /// The tasks that a process holds, by id. Finds entries.
    Held(Arc<str>),
}

/// A set of addresses that is one range of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Addresses {
    /// This one.
    Exact(Arc<str>),
    /// All that begin with this text; the empty text means all.
    Prefix(Arc<str>),
}

/// A place in a range, which is what lies there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// A row.
    Key(Key),
    /// An index entry.
    Entry(Entry),
}

/// A page of a range: what the store holds after the given position, in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// What was found.
    pub found: Found,
    /// Whether there may be more after the last one. An empty page has no more.
    pub more: bool,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Found {
    /// Rows, in order of their keys.
    Rows(Vec<Row>),
    /// Index entries, in order.
    Entries(Vec<Entry>),
}
