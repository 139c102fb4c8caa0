//! The ranges that records and index entries are found by.

use abide_machine::{Entry, Key as RecordKey};

use crate::{
    Family, Range,
    codec::{encode_entry, encode_key, family, push_terminated, push_text},
};

/// The addresses (or processes, or owners) that a range covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names<'a> {
    /// This one.
    Exact(&'a str),
    /// All that begin with this text; the empty text means all.
    Prefix(&'a str),
}

/// The promises whose ids begin with this text, by id; the empty text means all.
pub fn promises(prefix: &str) -> Range {
    Range::prefix(family::PROMISE, prefix.as_bytes())
}

/// All tasks, by id.
pub fn tasks() -> Range {
    Range::all(family::TASK)
}

/// All schedules, by id.
pub fn schedules() -> Range {
    Range::all(family::SCHEDULE)
}

/// The messages for some addresses, by address and promise.
pub fn unblocks(addresses: Names<'_>) -> Range {
    named(family::UNBLOCK, addresses)
}

/// Everything that is due, by time.
pub fn due() -> Range {
    Range::all(family::DUE)
}

/// The tasks that have been offered to some addresses, by address and id.
pub fn ready(addresses: Names<'_>) -> Range {
    named(family::READY, addresses)
}

/// The pending promises that a promise owns, by id.
pub fn owned(owner: &str) -> Range {
    named(family::OWNED, Names::Exact(owner))
}

/// The tasks that a process holds, by id.
pub fn held(pid: &str) -> Range {
    named(family::HELD, Names::Exact(pid))
}

/// What comes after a record in a range.
pub fn after_key(range: Range, key: &RecordKey) -> Range {
    range.after(&encode_key(key))
}

/// What comes after an index entry in a range.
pub fn after_entry(range: Range, entry: &Entry) -> Range {
    range.after(&encode_entry(entry))
}

fn named(family: Family, names: Names<'_>) -> Range {
    let mut prefix = Vec::new();
    match names {
        Names::Exact(name) if fault!(ExactIsPrefix) => push_text(&mut prefix, name),
        Names::Exact(name) => push_terminated(&mut prefix, name),
        Names::Prefix(text) => push_text(&mut prefix, text),
    }
    Range::prefix(family, &prefix)
}
