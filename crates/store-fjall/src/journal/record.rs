//! The layout of a commit in a journal: `1`, the length of its writes `u32`, its number `u64`, the
//! writes, the XXH3 of all before `u64`, and `ABJ 1`. A write is the length of its key `u16`, that of
//! its value `u32` (all ones where it deletes), and both. Integers are little-endian.

use std::io::{self, Read};

use byteview::ByteView;
use xxhash_rust::xxh3::xxh3_64;

const START: u8 = 1;
pub(super) const TRAILER: [u8; 4] = *b"ABJ\x01";
/// What precedes the writes.
pub(super) const HEAD: usize = 1 + size_of::<u32>() + size_of::<u64>();
/// What follows them.
pub(super) const TAIL: usize = size_of::<u64>() + TRAILER.len();
/// What precedes the key of a write.
const WRITE_HEAD: usize = size_of::<u16>() + size_of::<u32>();
/// The length of a value where a write deletes.
const DELETES: u32 = u32::MAX;

/// A commit that is being put together.
pub(crate) struct Record(Vec<u8>);

impl Record {
    /// A commit with room for so many writes, with so many bytes of keys and values.
    pub(crate) fn with_capacity(writes: usize, bytes: usize) -> Record {
        let mut record = Vec::with_capacity(HEAD + writes * WRITE_HEAD + bytes + TAIL);
        record.resize(HEAD, 0);
        Record(record)
    }

    /// Stores a value where `prefix` and `key` say, or deletes what is there.
    pub(crate) fn push(&mut self, prefix: &[u8], key: &[u8], value: Option<&[u8]>) {
        let Record(bytes) = self;
        let length = u16::try_from(prefix.len() + key.len()).expect("a key is within its limit");
        bytes.extend_from_slice(&length.to_le_bytes());
        // A longer value fits into no record: that is found when the record is finished.
        let length = value.map_or(DELETES, |value| u32::try_from(value.len()).unwrap_or(DELETES));
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(prefix);
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value.unwrap_or_default());
    }

    /// Whether it writes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.len() == HEAD
    }

    /// The bytes for the journal; `None` when they are more than a length can say.
    pub(super) fn finish(self, number: u64) -> Option<Vec<u8>> {
        let Record(mut bytes) = self;
        let length = u32::try_from(bytes.len() - HEAD).ok()?;
        bytes[0] = START;
        bytes[1..5].copy_from_slice(&length.to_le_bytes());
        bytes[5..HEAD].copy_from_slice(&number.to_le_bytes());
        let sum = xxh3_64(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes.extend_from_slice(&TRAILER);
        Some(bytes)
    }
}

/// A whole commit.
pub(crate) struct Whole {
    pub(crate) number: u64,
    /// All of it, as it is in the journal.
    pub(crate) bytes: ByteView,
}

/// The whole commit that begins here, within so many bytes; `None` when there is none.
pub(super) fn read(reader: &mut impl Read, left: u64) -> io::Result<Option<Whole>> {
    let mut head = [0; HEAD];
    if left < (HEAD + TAIL) as u64 {
        return Ok(None);
    }
    reader.read_exact(&mut head)?;
    let Some(length) = length(&head).filter(|length| *length as u64 <= left) else {
        return Ok(None);
    };
    let mut bytes = vec![0; length];
    bytes[..HEAD].copy_from_slice(&head);
    reader.read_exact(&mut bytes[HEAD..])?;
    let (before, tail) = bytes.split_at(length - TAIL);
    let (sum, end) = tail.split_at(size_of::<u64>());
    let number = u64::from_le_bytes(head[5..].try_into().expect("eight bytes"));
    if end != TRAILER || sum != xxh3_64(before).to_le_bytes() {
        return Ok(None);
    }
    let bytes = ByteView::from(bytes);
    let mut writes = Writes::of(&bytes);
    writes.by_ref().for_each(drop);
    Ok(writes.is_at_end().then_some(Whole { number, bytes }))
}

/// Whether a whole commit begins here. Its end is looked at first: many a byte may look like a
/// beginning, and to read all that each of them promises could take very long.
pub(super) fn is_whole(bytes: &[u8]) -> io::Result<bool> {
    let promised = length(bytes).and_then(|length| bytes.get(..length));
    match promised.filter(|promised| promised.ends_with(&TRAILER)) {
        Some(promised) => Ok(read(&mut &*promised, promised.len() as u64)?.is_some()),
        None => Ok(false),
    }
}

/// The length of the commit that begins here, by what its head says alone.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..HEAD).filter(|head| head[0] == START)?;
    let writes = u32::from_le_bytes(head[1..5].try_into().expect("four bytes"));
    Some(HEAD + writes as usize + TAIL)
}

/// The writes of a whole commit, in order: keys, and what is stored there from now on. They share
/// its memory.
pub(crate) struct Writes<'a> {
    record: &'a ByteView,
    at: usize,
}

impl<'a> Writes<'a> {
    pub(crate) fn of(record: &'a ByteView) -> Writes<'a> {
        Writes { record, at: HEAD }
    }

    fn is_at_end(&self) -> bool {
        self.at + TAIL == self.record.len()
    }
}

impl Iterator for Writes<'_> {
    type Item = (ByteView, Option<ByteView>);

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.record.len() - TAIL;
        let head = self.record.get(self.at..end)?.get(..WRITE_HEAD)?;
        let key = u16::from_le_bytes([head[0], head[1]]);
        let value = u32::from_le_bytes([head[2], head[3], head[4], head[5]]);
        let from = self.at + WRITE_HEAD;
        let key_end = from + usize::from(key);
        let value = (value != DELETES).then_some(value as usize);
        let value_end = key_end.checked_add(value.unwrap_or(0)).filter(|to| *to <= end)?;
        self.at = value_end;
        let value = value.map(|_| self.record.slice(key_end..value_end));
        Some((self.record.slice(from..key_end), value))
    }
}
