use std::io::Write;

use super::{Unfit, scan::is_plain};

/// How far a string was taken, and what comes behind that.
pub(super) enum Unescaped<'a> {
    /// To its end.
    Whole(&'a [u8]),
    /// To an escape that is rarely seen.
    Rare(&'a [u8]),
}

/// Appends what is meant up to the quote that ends a string.
pub(super) fn unescape<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> Result<Unescaped<'a>, Unfit> {
    loop {
        rest = copy_plain(rest, out);
        let (byte, after) = rest.split_first().ok_or(Unfit)?;
        rest = after;
        match byte {
            b'"' => return Ok(Unescaped::Whole(rest)),
            b'\\' => {
                let (escaped, after) = rest.split_first().ok_or(Unfit)?;
                rest = after;
                out.push(match escaped {
                    b'"' | b'\\' | b'/' => *escaped,
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    _ => return Ok(Unescaped::Rare(rest)),
                });
            }
            _ => return Err(Unfit),
        }
    }
}

/// Appends the content of a string.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    loop {
        rest = copy_plain(rest, out);
        let Some((special, after)) = rest.split_first() else { return };
        rest = after;
        match special {
            b'"' | b'\\' => out.extend([b'\\', *special]),
            b'\x08' => out.extend(b"\\b"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\x0c' => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            control => write!(out, "\\u{control:04x}").expect("it is written to memory"),
        }
    }
}

/// Copies up to the first byte that a string cannot hold as it is, and returns what begins there.
#[inline]
fn copy_plain<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    while let Some((word, after)) = rest.split_first_chunk::<8>()
        && is_plain(word)
    {
        out.extend_from_slice(word);
        rest = after;
    }
    while let Some((byte, after)) = rest.split_first()
        && !matches!(byte, b'"' | b'\\' | ..b' ')
    {
        out.push(*byte);
        rest = after;
    }
    rest
}
