//! Several requests in one message: an array of envelopes, carried out in their order.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::limit;

/// The members of a batch, each of them unread: what is wrong with one is answered in its place.
///
/// ```
/// use abide_protocol::batch;
/// assert_eq!(batch::members(b"[{}, 7]"), Ok(vec!["{}", "7"]));
/// assert!(batch::members(b"[]").is_err());
/// ```
///
/// # Errors
/// With the text of the 400 when it is no array, or one that holds nothing or more than
/// [`limit::BATCH`] members.
pub fn members(bytes: &[u8]) -> Result<Vec<&str>, String> {
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Err("the body must be a JSON array of envelopes".into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let members = json.deserialize_seq(Members).and_then(|members| {
        json.end()?;
        Ok(members)
    });
    let members = members.map_err(|error| format!("the batch cannot be read: {error}"))?;
    match members.len() {
        0 => Err(format!("a batch holds 1 to {} requests, not none", limit::BATCH)),
        _ => Ok(members),
    }
}

/// Reads an array, but not beyond what a batch may hold.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element::<&RawValue>()? {
            if members.len() == limit::BATCH {
                let text = format!("it holds more than {} requests", limit::BATCH);
                return Err(A::Error::custom(text));
            }
            members.push(member.get());
        }
        Ok(members)
    }
}
