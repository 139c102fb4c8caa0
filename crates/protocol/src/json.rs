//! JSON as this protocol writes it, read and written with as little as that takes.
//!
//! [`Reader`] gives up on whatever is unusual, and on everything that is wrong, without saying why:
//! serde_json then reads the same text, and either understands it or has the words for what is
//! wrong with it. So there is one place where errors come from, and the common case pays for none
//! of it.

mod access;
mod compound;
mod reader;
mod writer;

use std::fmt;

pub(crate) use reader::{INLINE, Reader};
pub(crate) use writer::{append, write};

/// Nothing is said about what was not read or written: see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not written as usual")
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Unfit
    }

    fn missing_field(_: &'static str) -> Self {
        Unfit
    }
}

impl serde::ser::Error for Unfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Unfit
    }
}

/// Where the first byte is that a string cannot hold as it is: a quote, a backslash or a control
/// character; the length if there is none. It looks at eight bytes together.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        // The lowest bit is right: what is carried changes only the bytes above it.
        let found = (below(word, b' ') | quotes | backslashes) & (ONES << 7);
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    bytes.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{Reader, Unfit, plain, write};

    proptest! {
        #[test]
        fn a_string_is_plain_up_to_the_first_special_byte(
            bytes in proptest::collection::vec(prop_oneof![8 => b'#'..=255, 1 => 0..=b'"', 1 => Just(b'\\')], 0..40),
        ) {
            let special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
            prop_assert_eq!(plain(&bytes), bytes.iter().position(special).unwrap_or(bytes.len()));
        }

        /// What is written is what serde_json writes.
        #[test]
        fn texts(text in any::<String>(), number in any::<i64>(), natural in any::<u64>()) {
            let written = (vec![text.clone()], number);
            prop_assert_eq!(write(&written.0), serde_json::to_vec(&written.0).unwrap());
            prop_assert_eq!(write(&number), serde_json::to_vec(&number).unwrap());
            prop_assert_eq!(write(&natural), serde_json::to_vec(&natural).unwrap());
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(Reader::read::<String>(&json), Ok(text));
            prop_assert_eq!(Reader::read::<i64>(&number.to_string()), Ok(number));
        }

        /// What is read of any text is what serde_json reads of it.
        #[test]
        fn pieces(pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"\\u00e4\"", "\"", "\\", "0", "1", "-", ".5",
                "e3", "null", "true", "false", " ", "\n", "\u{b}", "9223372036854775807",
            ]),
            0..8,
        )) {
            let json = pieces.concat();
            let expected = serde_json::from_str::<Value>(&json);
            if let Ok(read) = Reader::read::<Value>(&json) {
                prop_assert_eq!(read, expected.unwrap());
            }
        }
    }

    #[test]
    fn values_are_read_and_written() {
        let json = r#"{"a":[1,-2,{"b":null}],"c":{"d":true,"e":"\"ä"},"f":[]}"#;
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(write(&value), json.as_bytes());
        assert_eq!(Reader::read::<Value>(json), Ok(value));
        for unfit in
            ["1.5", "-0", "01", "1e3", "\"\n\"", "[1 2]", "{\"a\" 1}", "[1,]", "{,}", "1 1"]
        {
            assert_eq!(Reader::read::<Value>(unfit), Err(Unfit), "{unfit}");
        }
        assert_eq!(Reader::read::<Value>(&"[".repeat(100_000)), Err(Unfit));
    }
}
