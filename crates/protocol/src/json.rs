//! JSON as this protocol writes it, read and written with as little as that takes.
//!
//! [`Reader`] gives up on whatever is unusual, and on everything that is wrong, without saying why:
//! serde_json then reads the same text, and either understands it or has the words for what is
//! wrong with it. So there is one place where errors come from, and the common case pays for none
//! of it.

mod escape;
mod object;
mod read;
mod reader;
mod scan;
mod write;

pub(crate) use object::{object, readable};
pub(crate) use read::Read;
pub(crate) use reader::Reader;
pub(crate) use write::{Write, close, field, is_plain, plain_text, text};

/// Nothing is said about what was not read: see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// What most messages fit into.
pub(crate) const ROOM: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{Read, Reader, Unfit, Write};

    fn write<T: Write>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        value.write(&mut out);
        out
    }

    fn skip(json: &str) -> Result<(), Unfit> {
        Reader::read_with(json, Reader::skip)
    }

    fn read<T: for<'de> Read<'de>>(json: &str) -> Result<T, Unfit> {
        Reader::read_with(json, T::read)
    }

    proptest! {
        /// What is written is what serde_json writes, and what is read is that.
        #[test]
        fn texts(texts in proptest::collection::vec(any::<String>(), 0..3), number in any::<i64>(), natural in any::<u64>()) {
            prop_assert_eq!(write(&texts), serde_json::to_vec(&texts).unwrap());
            prop_assert_eq!(write(&number), serde_json::to_vec(&number).unwrap());
            prop_assert_eq!(write(&natural), serde_json::to_vec(&natural).unwrap());
            let json = serde_json::to_string(&texts).unwrap();
            prop_assert_eq!(read(&json), Ok(texts));
            prop_assert_eq!(read(&number.to_string()), Ok(number));
        }

        /// Texts full of what has to be escaped, or could be.
        #[test]
        fn escapes(texts in proptest::collection::vec("[\\\\\"\\x00-\\x1f z/ä😀]{0,40}", 0..3)) {
            prop_assert_eq!(write(&texts), serde_json::to_vec(&texts).unwrap());
            let json = serde_json::to_string(&texts).unwrap();
            prop_assert_eq!(read(&json), Ok(texts.clone()));
            let spelt = json.replace('z', "\\u007a").replace('/', "\\/").replace('ä', "\\u00e4");
            prop_assert_eq!(read(&spelt), Ok(texts.clone()));
            prop_assert_eq!(read(&spelt.replace(',', "\n,\t")), Ok(texts));
        }

        /// What is passed over is JSON.
        #[test]
        fn pieces(pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"\\u00e4\"", "\"", "\\", "0", "1", "-", ".5",
                "e3", "null", "true", "false", " ", "\n", "\u{b}", "9223372036854775807",
            ]),
            0..8,
        )) {
            let json = pieces.concat();
            if skip(&json).is_ok() {
                prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{}", json);
            }
        }
    }

    #[test]
    fn values_are_passed_over() {
        let json = r#"{"a":[1,-2,{"b":null}],"c":{"d":true,"e":"\"ä"},"f":[],"g":{}}"#;
        assert_eq!(skip(json), Ok(()));
        assert_eq!(skip(&json.replace(',', " ,\n").replace(':', "\t:\r")), Ok(()));
        let unfit = "1.5 -0 01 1e3 \"\n\" [1\t2] {\"a\"\t1} [1,] {,} 1\t1 [,1] {\"a\":1,} {1:1} nul \
                     \"\\x\" \" {\"a\" [ 9223372036854775808";
        for unfit in unfit.split(' ').chain([""]) {
            assert_eq!(skip(unfit), Err(Unfit), "{unfit}");
        }
        assert_eq!(skip(&"[".repeat(100_000)), Err(Unfit));
    }
}
