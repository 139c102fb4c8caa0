//! What a store holds: keys, records, index entries, owners.

use abide_store::{
    Key, Ownership,
    codec::{decode_entry, decode_key, decode_row, encode_entry, encode_key, encode_row},
};

/// The first byte is the length of the key, which follows; the rest is the value.
///
/// Each thing is written in one way, so that bytes which are read are those that are written; what an
/// earlier version wrote is written anew, in a later layout, and then is the same.
///
/// # Panics
/// When what must hold of any bytes does not hold.
pub fn check(bytes: &[u8]) {
    if let Some(owner) = Ownership::decode(bytes) {
        assert_eq!(owner.encode(), bytes, "what was read is not what is written");
    }
    let Some((&length, rest)) = bytes.split_first() else { return };
    let Some((key, value)) = rest.split_at_checked(usize::from(length)) else { return };
    let Some(key) = Key::from_bytes(key.to_vec()) else { return };
    let record = decode_key(&key);
    if let Ok(record) = &record {
        assert_eq!(encode_key(record), key, "what was read is not what is written");
    }
    if let Ok(entry) = decode_entry(&key) {
        assert!(record.is_err(), "{key:?} is a record and an index entry");
        assert_eq!(encode_entry(&entry), key, "what was read is not what is written");
    }
    if let Ok(row) = decode_row(&key, value) {
        assert_eq!(record, Ok(row.key()), "a record is where its key says");
        let written = encode_row(&row);
        if written[0] > value[0] {
            assert_eq!(decode_row(&key, &written), Ok(row), "what was written anew is another");
        } else {
            assert_eq!(written, value, "what was read is not what is written: {row:?}");
        }
        // Whatever was cut off is missed.
        assert!(decode_row(&key, &value[..value.len() - 1]).is_err());
    }
}
