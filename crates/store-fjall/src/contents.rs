//! The list of sections at the end of each of the engine's tables, verified before the engine reads
//! it.
//!
//! The engine makes room for as many sections as the list says there are before it looks at the
//! list's checksum: one bit may ask for 32 GiB, and the process ends.
//!
//! A table ends in its list and a trailer: `SFA!`, a version, the kind of the checksum, the checksum
//! of the list, its place and its length.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use xxhash_rust::xxh3::xxh3_128;

const TRAILER_BYTES: u64 = 38;
/// What the trailer begins with: its name, version 1, and checksums of the kind 0, XXH3.
const TRAILER: &[u8; 6] = b"SFA!\x01\x00";
/// A list names a dozen sections at most.
const LIST_BYTES: u64 = 64 << 10;

/// Whether the end of a table is as it was written.
pub(crate) fn is_sound(table: &Path) -> io::Result<bool> {
    let mut file = File::open(table)?;
    let length = file.metadata()?.len();
    let Some(end) = length.checked_sub(TRAILER_BYTES) else { return Ok(false) };
    let mut trailer = [0; TRAILER_BYTES as usize];
    file.seek(SeekFrom::Start(end))?;
    file.read_exact(&mut trailer)?;
    let (kind, rest) = trailer.split_at(TRAILER.len());
    let (checksum, rest) = rest.split_at(size_of::<u128>());
    let (place, size) = rest.split_at(size_of::<u64>());
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let (place, size) = (number(place), number(size));
    if kind != TRAILER || size > LIST_BYTES || place.checked_add(size) != Some(end) {
        return Ok(false);
    }
    let mut list = vec![0; usize::try_from(size).expect("it is within its limit")];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut list)?;
    Ok(xxh3_128(&list).to_le_bytes() == *checksum)
}
