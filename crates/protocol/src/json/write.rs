use std::sync::Arc;

use super::{escape::escape, scan};

/// What is written as JSON, behind what is there.
pub(crate) trait Write {
    fn write(&self, out: &mut Vec<u8>);

    /// Whether it is left out where it is a field.
    #[inline]
    fn is_absent(&self) -> bool {
        false
    }
}

/// Whether nothing in a text has to be escaped.
#[inline]
pub(crate) fn is_plain(text: &str) -> bool {
    scan::is_plain(text.as_bytes())
}

/// Writes a text.
#[inline]
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) { plain_text(text, out) } else { any_text(text, out) }
}

/// Writes a text in which nothing has to be escaped.
#[inline]
pub(crate) fn plain_text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn any_text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}

#[inline]
fn integer(integer: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
}

/// Writes a field of an object, all of its name with a comma in front.
#[inline]
pub(crate) fn field<T: Write>(name: &'static str, value: &T, out: &mut Vec<u8>) {
    if !value.is_absent() {
        out.extend_from_slice(name.as_bytes());
        value.write(out);
    }
}

/// Completes an object whose fields, with a comma in front of each, begin at `start`.
#[inline]
pub(crate) fn close(start: usize, out: &mut Vec<u8>) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

impl Write for String {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        text(self, out);
    }
}

impl Write for i64 {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        integer(*self, out);
    }
}

impl Write for u64 {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        integer(*self, out);
    }
}

/// A flag that is left out unless it is set.
impl Write for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }

    #[inline]
    fn is_absent(&self) -> bool {
        !self
    }
}

impl<T: Write> Write for Option<T> {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Write> Write for Arc<T> {
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        let mut before = b'[';
        for item in self {
            out.push(std::mem::replace(&mut before, b','));
            item.write(out);
        }
        if self.is_empty() {
            out.push(before);
        }
        out.push(b']');
    }
}
