use abide_machine::Key as RecordKey;

use super::{CodecError, family, text};
use crate::Key;

/// Where a record is stored. Within a family keys compare as the records' keys do.
pub fn encode_key(key: &RecordKey) -> Key {
    Key::build(64, |out| push_key(out, key))
}

/// Appends the key of a record.
pub(crate) fn push_key(out: &mut Vec<u8>, key: &RecordKey) {
    match key {
        RecordKey::Promise(id) => text::push_one(out, family::PROMISE, id),
        RecordKey::Task(id) => text::push_one(out, family::TASK, id),
        RecordKey::Schedule(id) => text::push_one(out, family::SCHEDULE, id),
        RecordKey::Unblock(address, id) => text::push_pair(out, family::UNBLOCK, address, id),
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
