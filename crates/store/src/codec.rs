//! Records and index entries as bytes, the same for every backend.
//!
//! A key says what and where a record is; its value holds the rest, and its first byte is the
//! version of the layout. A version newer than this program knows is refused by name, never
//! guessed at. An index entry is all key: its value is empty.

mod entry;
mod error;
mod key;
mod message;
mod promise;
mod schedule;
mod tags;
mod task;
mod text;
mod wire;

pub(crate) use entry::push_entry;
pub use entry::{decode_entry, encode_entry};
pub use error::CodecError;
pub(crate) use key::push_key;
pub use key::{decode_key, encode_key};
pub(crate) use text::{push_terminated, push_text};

use abide_machine::{Key as RecordKey, Row};

use crate::{Family, Key};
use wire::Reader;

/// The newest version that this program reads. Version 2 adds what the extensions of the protocol
/// need, and is written only where there is some of it.
const VERSION: u8 = LINEAGE;

/// From this version on the tags of a promise are short; it is written where they are known.
const LINEAGE: u8 = 3;

/// The families of a shard. The numbers are on disk: they are never reused.
pub mod family {
    use super::Family;

    /// Promises, by id.
    pub const PROMISE: Family = Family(1);
    /// Tasks, by id.
    pub const TASK: Family = Family(2);
    /// Schedules, by id.
    pub const SCHEDULE: Family = Family(3);
    /// Messages to listeners, by address and promise.
    pub const UNBLOCK: Family = Family(4);
    /// What is due, by time, step and id.
    pub const DUE: Family = Family(16);
    /// Offered tasks, by address and id.
    pub const READY: Family = Family(17);
    /// Promises, by branch and id, as versions before the first release wrote them. Nothing reads them.
    pub const BRANCH: Family = Family(18);
    /// Acquired tasks, by process and id.
    pub const HELD: Family = Family(19);
    /// Pending promises, by owner and id.
    pub const OWNED: Family = Family(20);
}

/// The value of a record. What its key already says is not repeated.
pub fn encode_row(row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    push_row(&mut out, row);
    out
}

/// Appends the value of a record.
pub(crate) fn push_row(out: &mut Vec<u8>, row: &Row) {
    push_version(out, row, version(row));
}

fn push_version(out: &mut Vec<u8>, row: &Row, version: u8) {
    out.push(version);
    match row {
        Row::Promise(promise) => promise::encode(promise, version, out),
        Row::Task(task) => task::encode(task, out),
        Row::Schedule(schedule) => schedule::encode(schedule, out),
        Row::Unblock(unblock) => message::encode(unblock, out),
    }
}

/// The version in which a record is written.
fn version(row: &Row) -> u8 {
    match row {
        Row::Promise(promise) if tags::are_known(&promise.record.tags) => LINEAGE,
        _ => version_before(row),
    }
}

/// The version in which it was written before there was the newest one.
fn version_before(row: &Row) -> u8 {
    let extended = match row {
        Row::Promise(promise) => promise.cascading || !promise.unheard.is_empty(),
        Row::Task(task) => !task.resumed.is_empty(),
        Row::Schedule(_) | Row::Unblock(_) => false,
    };
    if extended { 2 } else { 1 }
}

/// The record that [`encode_row`] wrote under this key. In a version each record is written in one
/// way, and what is written in another is refused: it was damaged.
///
/// # Errors
/// When the bytes are of a newer version, or not what a record of this kind looks like.
pub fn decode_row(key: &Key, value: &[u8]) -> Result<Row, CodecError> {
    let mut reader = Reader::new(value);
    let version = reader.u8()?;
    if version > VERSION {
        return Err(CodecError::Newer { found: version, known: VERSION });
    }
    if version == 0 {
        return Err(CodecError::Malformed("the version"));
    }
    let row = match decode_key(key)? {
        RecordKey::Promise(id) => Row::Promise(promise::decode(id, version, &mut reader)?.into()),
        RecordKey::Task(id) => Row::Task(task::decode(id, &mut reader)?.into()),
        RecordKey::Schedule(id) => Row::Schedule(schedule::decode(id, &mut reader)?.into()),
        RecordKey::Unblock(address, id) => {
            Row::Unblock(message::decode(address, id, &mut reader)?.into())
        }
    };
    reader.end()?;
    if version != self::version(&row) && version != version_before(&row) {
        return Err(CodecError::Malformed("the version"));
    }
    Ok(row)
}

#[cfg(test)]
mod tests;
