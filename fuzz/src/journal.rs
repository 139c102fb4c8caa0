//! A batch in a journal of the embedded store.

use xxhash_rust::xxh3::xxh3_64;

#[path = "../../crates/store-fjall/src/journal/parser.rs"]
mod parser;

/// Reads the bytes as a journal, and puts them into a journal that is whole.
///
/// # Panics
/// When what must hold of any journal does not hold.
pub fn check(bytes: &[u8]) {
    holds(bytes);
    let mut journal = batch(bytes);
    let length = journal.len();
    journal.extend_from_slice(bytes);
    assert_eq!(read(&journal), Some(length), "a whole batch is read, whatever follows it");
    holds(&journal);
    // Any change within what the checksum covers is seen; the number is not covered.
    let place = bytes.iter().fold(0, |sum, byte| sum * 31 % 0xffff + usize::from(*byte));
    let place = FIRST_ITEM + place % (length - FIRST_ITEM);
    journal[place] ^= 1 + bytes.first().map_or(0, |byte| byte & 0x7f);
    assert_ne!(read(&journal), Some(length), "a change at {place} is not seen");
}

/// The tag, the count and the number come before the items.
const FIRST_ITEM: usize = 13;

fn read(bytes: &[u8]) -> Option<usize> {
    let batch = parser::batch(&mut &bytes[..]).expect("memory can be read")?;
    Some(usize::try_from(batch.length).expect("it fits into memory"))
}

fn holds(bytes: &[u8]) {
    let told = parser::length(&mut &bytes[..]).expect("memory can be read");
    let Some(length) = read(bytes) else { return };
    assert_eq!(told, Some(length as u64), "a whole batch is as long as its items tell");
    assert!(length <= bytes.len(), "{length} of {}", bytes.len());
    assert_eq!(read(&bytes[..length]), Some(length), "what follows makes no difference");
    assert_eq!(read(&bytes[..length - 1]), None, "a batch that is cut short is none");
}

/// A whole batch with these bytes for keys, values and tombstones.
fn batch(bytes: &[u8]) -> Vec<u8> {
    let items: Vec<&[u8]> = bytes.chunks(16).collect();
    let mut journal = vec![parser::START];
    journal.extend((items.len() as u32).to_le_bytes());
    journal.extend(7u64.to_le_bytes());
    for item in items {
        let (key, value) = item.split_at(item.len() / 2);
        journal.extend([parser::ITEM, 0, 0]);
        journal.extend(1u64.to_le_bytes());
        journal.extend((key.len() as u16).to_le_bytes());
        journal.extend((value.len() as u32).to_le_bytes());
        journal.extend((value.len() as u32).to_le_bytes());
        journal.extend(item);
    }
    let hash = xxh3_64(&journal[FIRST_ITEM..]);
    journal.push(parser::END);
    journal.extend(hash.to_le_bytes());
    journal.extend(parser::TRAILER);
    journal
}
