//! A commit in the journal of the embedded store.

use byteview::ByteView;

#[allow(dead_code)]
#[path = "../../crates/store-fjall/src/journal/record.rs"]
mod record;

use record::{HEAD, Record, Writes};

/// Reads the bytes as a journal, and puts them into a journal that is whole.
///
/// # Panics
/// When what must hold of any journal does not hold.
pub fn check(bytes: &[u8]) {
    holds(bytes);
    let writes: Vec<Write> = bytes.chunks(16).map(write).collect();
    let mut record = Record::with_capacity(0, 0);
    for (prefix, key, value) in &writes {
        record.push(prefix, key, *value);
    }
    let mut journal = record.finish(7).expect("it is short");
    let length = journal.len();
    journal.extend_from_slice(bytes);
    let read = read(&journal).expect("a whole commit is read, whatever follows it");
    assert_eq!(read.len(), length);
    let found = Writes::of(&read).map(|(key, value)| (key.to_vec(), value.map(|v| v.to_vec())));
    let expected = writes
        .iter()
        .map(|(prefix, key, value)| ([*prefix, *key].concat(), value.map(<[u8]>::to_vec)));
    assert!(found.eq(expected), "what was written is read");
    holds(&journal);
    // Any change is seen.
    let place = bytes.iter().fold(0, |sum, byte| sum * 31 % 0xffff + usize::from(*byte)) % length;
    journal[place] ^= 1 + bytes.first().map_or(0, |byte| byte & 0x7f);
    assert_ne!(self::read(&journal), Some(read), "a change at {place} is not seen");
}

type Write<'a> = (&'a [u8], &'a [u8], Option<&'a [u8]>);

/// A write with these bytes; one of seven deletes.
fn write(bytes: &[u8]) -> Write<'_> {
    let (key, value) = bytes.split_at(bytes.len() / 2);
    let (prefix, key) = key.split_at(key.len() / 3);
    (prefix, key, (bytes[0] % 7 != 0).then_some(value))
}

fn read(bytes: &[u8]) -> Option<ByteView> {
    let whole = record::read(&mut &bytes[..], bytes.len() as u64).expect("memory can be read")?;
    Some(whole.bytes)
}

fn holds(bytes: &[u8]) {
    let whole = record::is_whole(bytes).expect("memory can be read");
    assert_eq!(whole, read(bytes).is_some(), "both ways of looking agree");
    let Some(commit) = read(bytes) else { return };
    let length = commit.len();
    assert_eq!(record::length(bytes), Some(length), "a commit is as long as its head tells");
    assert_eq!(*commit, bytes[..length]);
    let inner: usize = Writes::of(&commit)
        .map(|(key, value)| 6 + key.len() + value.map_or(0, |value| value.len()))
        .sum();
    assert_eq!(HEAD + inner + record::TAIL, length, "its writes fill it");
    assert_eq!(read(&bytes[..length]).as_ref(), Some(&commit), "what follows makes no difference");
    assert_eq!(read(&bytes[..length - 1]), None, "a commit that is cut short is none");
}
