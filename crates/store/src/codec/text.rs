//! Texts inside keys. A text that something follows is terminated so that keys still compare as
//! the texts do: `0 1` ends it, and a NUL within it (which ids and addresses cannot hold, but the
//! value of a tag can) becomes `0 255`.

use super::CodecError;
use crate::Family;

const ESCAPE: u8 = 0;
const END: u8 = 1;
const NUL: u8 = 255;

/// Appends a text without its terminator: as it stands at the beginning of every longer text.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    let mut parts = text.as_bytes().split(|&byte| byte == ESCAPE);
    out.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        out.extend_from_slice(&[ESCAPE, NUL]);
        out.extend_from_slice(part);
    }
}

/// Appends a text and its terminator.
pub(crate) fn push_terminated(out: &mut Vec<u8>, text: &str) {
    push_text(out, text);
    out.extend_from_slice(&[ESCAPE, END]);
}

/// Appends the key of a text.
pub(super) fn push_one(out: &mut Vec<u8>, family: Family, text: &str) {
    out.push(family.0);
    out.extend_from_slice(text.as_bytes());
}

/// Appends the key of an id behind a text.
pub(super) fn push_pair(out: &mut Vec<u8>, family: Family, first: &str, id: &str) {
    out.push(family.0);
    push_terminated(out, first);
    out.extend_from_slice(id.as_bytes());
}

/// Splits a terminated text from what follows it.
pub(super) fn split_terminated(mut bytes: &[u8]) -> Result<(String, &[u8]), CodecError> {
    let mut text = Vec::with_capacity(bytes.len());
    loop {
        let at = bytes.iter().position(|&byte| byte == ESCAPE).ok_or(CodecError::Length)?;
        text.extend_from_slice(&bytes[..at]);
        match bytes.get(at + 1) {
            Some(&NUL) => text.push(0),
            Some(&END) => {
                let text = String::from_utf8(text).map_err(|_| CodecError::Malformed("a text"))?;
                return Ok((text, &bytes[at + 2..]));
            }
            _ => return Err(CodecError::Malformed("a terminator")),
        }
        bytes = &bytes[at + 2..];
    }
}

/// The text that is the rest of a key.
pub(super) fn rest(bytes: &[u8]) -> Result<&str, CodecError> {
    str::from_utf8(bytes).map_err(|_| CodecError::Malformed("a text"))
}
