use abide_machine::{DueKind, Entry, Key};
use abide_protocol::{Id, Millis};

use crate::io::{Addresses, Range};

impl Addresses {
    fn start(&self) -> std::sync::Arc<str> {
        match self {
            Addresses::Exact(address) | Addresses::Prefix(address) => address.clone(),
        }
    }

    fn hold(&self, address: &str) -> bool {
        match self {
            Addresses::Exact(exact) => address == &**exact,
            Addresses::Prefix(prefix) => address.starts_with(&**prefix),
        }
    }
}

/// The text that sorts before every id.
fn first() -> Id {
    Id::from("")
}

impl Range {
    /// Where a range of entries starts; `None` if it is a range of rows.
    pub fn first_entry(&self) -> Option<Entry> {
        match self {
            Range::Due => Some(Entry::Due(Millis::MIN, DueKind::Deadline, first())),
            Range::Ready(addresses) => Some(Entry::Ready(addresses.start(), first())),
            Range::Owned(owner) => Some(Entry::Owned(owner.clone(), first())),
            Range::Held(pid) => Some(Entry::Held(pid.clone(), first())),
            Range::Promises(_) | Range::Tasks | Range::Schedules | Range::Unblocks(_) => None,
        }
    }

    /// Where a range of rows starts; `None` if it is a range of entries.
    pub fn first_key(&self) -> Option<Key> {
        match self {
            Range::Promises(prefix) => Some(Key::Promise(Id::from(&**prefix))),
            Range::Tasks => Some(Key::Task(first())),
            Range::Schedules => Some(Key::Schedule(first())),
            Range::Unblocks(addresses) => Some(Key::Unblock(addresses.start(), first())),
            Range::Due | Range::Ready(_) | Range::Owned(_) | Range::Held(_) => None,
        }
    }

    /// Whether an entry lies in the range. What lies in it lies side by side.
    pub fn holds_entry(&self, entry: &Entry) -> bool {
        match (self, entry) {
            (Range::Due, Entry::Due(..)) => true,
            (Range::Ready(addresses), Entry::Ready(address, _)) => addresses.hold(address),
            (Range::Owned(owner), Entry::Owned(other, _)) => owner == other,
            (Range::Held(pid), Entry::Held(other, _)) => pid == other,
            _ => false,
        }
    }

    /// Whether a key lies in the range. What lies in it lies side by side.
    pub fn holds_key(&self, key: &Key) -> bool {
        match (self, key) {
            (Range::Promises(prefix), Key::Promise(id)) => id.starts_with(&**prefix),
            (Range::Tasks, Key::Task(_)) | (Range::Schedules, Key::Schedule(_)) => true,
            (Range::Unblocks(addresses), Key::Unblock(address, _)) => addresses.hold(address),
            _ => false,
        }
    }
}
