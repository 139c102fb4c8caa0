use abide_machine::{DueKind, Entry};

use super::{CodecError, family, text};
use crate::Key;

/// Flips the sign, so that times before 1970 come first.
const SIGN: u64 = 1 << 63;

/// Where an index entry is stored. Within a family keys compare as the entries do.
pub fn encode_entry(entry: &Entry) -> Key {
    Key::build(64, |out| push_entry(out, entry))
}

/// Appends the key of an index entry.
pub(crate) fn push_entry(out: &mut Vec<u8>, entry: &Entry) {
    match entry {
        Entry::Due(at, kind, id) => {
            out.push(family::DUE.0);
            let at = *at as u64 ^ SIGN;
            let at = if fault!(DueUnordered) { at.swap_bytes() } else { at };
            out.extend_from_slice(&at.to_be_bytes());
            out.push(number(*kind));
            out.extend_from_slice(id.as_bytes());
        }
        Entry::Ready(address, id) => text::push_pair(out, family::READY, address, id),
        Entry::Owned(owner, id) => text::push_pair(out, family::OWNED, owner, id),
        Entry::Held(pid, id) => text::push_pair(out, family::HELD, pid, id),
    }
}

/// The index entry that is stored under a key.
///
/// # Errors
/// When no index entry is stored under such a key.
pub fn decode_entry(key: &Key) -> Result<Entry, CodecError> {
    let suffix = key.suffix();
    match key.family() {
        family::DUE => {
            let (at, rest) = suffix.split_first_chunk().ok_or(CodecError::Length)?;
            let (&kind, id) = rest.split_first().ok_or(CodecError::Length)?;
            let at = (u64::from_be_bytes(*at) ^ SIGN) as i64;
            Ok(Entry::Due(at, kind_of(kind)?, text::rest(id)?.into()))
        }
        family::READY => split(suffix, |address, id| Entry::Ready(address.into(), id.into())),
        family::OWNED => split(suffix, |owner, id| Entry::Owned(owner.into(), id.into())),
        family::HELD => split(suffix, |pid, id| Entry::Held(pid.into(), id.into())),
        _ => Err(CodecError::Malformed("the family")),
    }
}

fn split(suffix: &[u8], make: impl Fn(String, &str) -> Entry) -> Result<Entry, CodecError> {
    let (first, id) = text::split_terminated(suffix)?;
    Ok(make(first, text::rest(id)?))
}

/// The numbers are on disk, and order the steps of one instant as [`DueKind`] does.
fn number(kind: DueKind) -> u8 {
    match kind {
        DueKind::Deadline => 1,
        DueKind::Obligation => 2,
        DueKind::Dispatch => 3,
        DueKind::Lease => 4,
        DueKind::Occurrence => 5,
    }
}

fn kind_of(number: u8) -> Result<DueKind, CodecError> {
    Ok(match number {
        1 => DueKind::Deadline,
        2 => DueKind::Obligation,
        3 => DueKind::Dispatch,
        4 => DueKind::Lease,
        5 => DueKind::Occurrence,
        _ => return Err(CodecError::Malformed("the step")),
    })
}
