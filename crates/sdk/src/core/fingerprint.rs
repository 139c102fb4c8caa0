//! A stable fingerprint of arguments.

use std::fmt::{self, Write};

use serde_json::Value;

/// The 64-bit FNV-1a offset basis and prime.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The fingerprint of a JSON value. Members of an object count in the order of their names, since
/// a `HashMap` among the arguments is written in another order each time.
pub(crate) fn of(value: &Value) -> u64 {
    let mut hash = Hash(BASIS);
    hash.feed(value);
    hash.0
}

/// The fingerprint of an array whose members come one by one.
#[derive(Debug)]
pub(crate) struct Members(Hash);

impl Members {
    /// No members yet.
    pub(crate) fn new() -> Self {
        let mut hash = Hash(BASIS);
        hash.bytes(b"[");
        Self(hash)
    }

    /// One more.
    pub(crate) fn push(&mut self, member: &Value) {
        self.0.feed(member);
        self.0.bytes(b",");
    }

    /// That is all.
    pub(crate) fn finish(self) -> u64 {
        self.0.0
    }
}

/// The fingerprint of JSON text, if it is that.
pub(crate) fn of_text(json: &str) -> Option<u64> {
    serde_json::from_str(json).ok().as_ref().map(of)
}

/// The hash of what was fed to it.
#[derive(Debug)]
struct Hash(u64);

impl Hash {
    fn feed(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                self.bytes(b"[");
                for item in items {
                    self.feed(item);
                    self.bytes(b",");
                }
            }
            Value::Object(members) => {
                self.bytes(b"{");
                let mut members: Vec<_> = members.iter().collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                for (name, value) in members {
                    self.text(name);
                    self.feed(value);
                    self.bytes(b",");
                }
            }
            Value::String(s) => self.text(s),
            other => write!(self, "{other}").expect("a hash takes everything"),
        }
    }

    /// A string is preceded by its length, so that no two values run into each other.
    fn text(&mut self, s: &str) {
        self.bytes(b"\"");
        self.bytes(&(s.len() as u64).to_le_bytes());
        self.bytes(s.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
}

impl Write for Hash {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.bytes(s.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn the_order_of_members_does_not_count_and_all_else_does() {
        let one: serde_json::Value = serde_json::from_str(r#"{"a":1,"b":[2]}"#).unwrap();
        let other: serde_json::Value = serde_json::from_str(r#"{"b":[2],"a":1}"#).unwrap();
        assert_eq!(of(&one), of(&other));
        let different =
            [json!([]), json!([1]), json!(["1"]), json!([[1]]), json!([1, 1]), json!({"a": 1})];
        for (i, a) in different.iter().enumerate() {
            for (j, b) in different.iter().enumerate() {
                assert_eq!(i == j, of(a) == of(b), "{a} and {b}");
            }
        }
    }

    #[test]
    fn it_is_the_same_in_every_version_of_the_program() {
        // The value is on disk in every record; changing the function would diverge all of them.
        assert_eq!(of(&json!([5, "x", null])), 0x2989_3170_591e_1e11);
    }
}
