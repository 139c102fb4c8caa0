//! Where strings end, several bytes at a time.

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The high bit of bytes that are below a bound, which is at most 128. The lowest bit that is set
/// is right: what is carried changes only the bytes above it.
#[inline]
fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGH
}

/// The same of bytes that are this one.
#[inline]
fn are(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// The same of bytes that a string cannot hold as they are: quotes, backslashes and control
/// characters.
#[inline]
fn special(word: u64) -> u64 {
    below(word, b' ') | are(word, b'"') | are(word, b'\\')
}

/// Where the first byte is that is found; the length if there is none.
#[inline]
fn first(bytes: &[u8], found: impl Fn(u64) -> u64) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let found = found(u64::from_le_bytes(*word));
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let mut word = [b' '; 8];
    word[..rest.len()].copy_from_slice(rest);
    let found = found(u64::from_le_bytes(word));
    bytes.len() - rest.len() + rest.len().min(found.trailing_zeros() as usize / 8)
}

/// Where the first quote or backslash is; the length if there is none.
#[inline]
pub(super) fn unquoted(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        // Without a way out of the loop the compiler looks at a whole chunk at once.
        let found = |found, byte: &u8| found | (*byte == b'"') | (*byte == b'\\');
        if chunk.iter().fold(false, found) {
            return index * 16 + first(chunk, |word| are(word, b'"') | are(word, b'\\'));
        }
    }
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    bytes.len() - rest.len() + end.unwrap_or(rest.len())
}

/// Where the first byte is that a string cannot hold as it is; the length if there is none.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    first(bytes, special)
}

/// Whether a string can hold all of these bytes as they are.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let word = |bytes: &[u8; 8]| special(u64::from_le_bytes(*bytes));
    let (Some(begin), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        return !bytes.iter().any(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
    };
    if bytes.len() <= 16 {
        return word(begin) | word(end) == 0;
    }
    bytes.as_chunks().0.iter().fold(word(end), |found, bytes| found | word(bytes)) == 0
}

/// Whether there is no control character.
pub(super) fn is_clean(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |found, byte| found | u8::from(*byte < b' ')) == 0
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{is_clean, is_plain, plain, unquoted};

    proptest! {
        /// They find what is found byte by byte.
        #[test]
        fn the_first_special_byte_is_found(
            bytes in vec(prop_oneof![20 => b'#'..=255, 1 => 0..=b'"', 1 => Just(b'\\')], 0..50),
        ) {
            let first = |wanted: &dyn Fn(u8) -> bool| bytes.iter().position(|byte| wanted(*byte));
            let (control, backslash) = (|byte| byte < b' ', |byte| byte == b'\\');
            let special = first(&|byte| control(byte) || backslash(byte) || byte == b'"');
            let unquotes = first(&|byte| backslash(byte) || byte == b'"');
            prop_assert_eq!(unquoted(&bytes), unquotes.unwrap_or(bytes.len()));
            prop_assert_eq!(plain(&bytes), special.unwrap_or(bytes.len()));
            prop_assert_eq!(is_plain(&bytes), special.is_none());
            prop_assert_eq!(is_clean(&bytes), first(&control).is_none());
        }
    }
}
