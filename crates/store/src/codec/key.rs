use abide_machine::Key as RecordKey;

use super::{CodecError, family, text};
use crate::Key;

/// Where a record is stored. Within a family keys compare as the records' keys do.
pub fn encode_key(key: &RecordKey) -> Key {
    match key {
        RecordKey::Promise(id) => Key::new(family::PROMISE, id.as_bytes()),
        RecordKey::Task(id) => Key::new(family::TASK, id.as_bytes()),
        RecordKey::Schedule(id) => Key::new(family::SCHEDULE, id.as_bytes()),
        RecordKey::Unblock(address, id) => text::pair(family::UNBLOCK, address, id),
    }
}

/// The record that is stored under a key.
///
/// # Errors
/// When no record is stored under such a key.
pub fn decode_key(key: &Key) -> Result<RecordKey, CodecError> {
    let suffix = key.suffix();
    match key.family() {
        family::PROMISE => Ok(RecordKey::Promise(text::rest(suffix)?.into())),
        family::TASK => Ok(RecordKey::Task(text::rest(suffix)?.into())),
        family::SCHEDULE => Ok(RecordKey::Schedule(text::rest(suffix)?.into())),
        family::UNBLOCK => {
            let (address, id) = text::split_terminated(suffix)?;
            Ok(RecordKey::Unblock(address.into(), text::rest(id)?.into()))
        }
        _ => Err(CodecError::Malformed("the family")),
    }
}
