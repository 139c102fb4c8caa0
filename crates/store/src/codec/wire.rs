//! The primitives of the layout: integers in as few bytes as they need, texts with their length
//! in front, counts before lists.

use std::collections::BTreeSet;

use abide_protocol::Tags;

use super::CodecError;

/// Seven bits a byte, least significant first; the high bit says that more follow.
pub(super) fn put_unsigned(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Small negative numbers stay small: the sign is the lowest bit.
pub(super) fn put_signed(out: &mut Vec<u8>, n: i64) {
    put_unsigned(out, ((n << 1) ^ (n >> 63)) as u64);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_unsigned(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_texts<T: AsRef<str>>(out: &mut Vec<u8>, texts: &BTreeSet<T>) {
    put_unsigned(out, texts.len() as u64);
    texts.iter().for_each(|text| put_text(out, text.as_ref()));
}

pub(super) fn put_list<T: AsRef<str>>(out: &mut Vec<u8>, texts: &[T]) {
    put_unsigned(out, texts.len() as u64);
    texts.iter().for_each(|text| put_text(out, text.as_ref()));
}

pub(super) fn put_tags(out: &mut Vec<u8>, tags: &Tags) {
    put_unsigned(out, tags.len() as u64);
    for (name, value) in tags.iter() {
        put_text(out, name);
        put_text(out, value);
    }
}

/// Reads what the functions above wrote. No input makes it panic or allocate more than the input
/// itself is long.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    pub(super) fn u8(&mut self) -> Result<u8, CodecError> {
        let (&first, rest) = self.0.split_first().ok_or(CodecError::Length)?;
        self.0 = rest;
        Ok(first)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, CodecError> {
        let mut n = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            n |= bits << shift;
            if (n >> shift) != bits {
                break;
            }
            if byte < 0x80 {
                // A last byte that adds nothing was not written.
                let padded = byte == 0 && shift > 0;
                return if padded { Err(CodecError::Malformed("an integer")) } else { Ok(n) };
            }
        }
        Err(CodecError::Malformed("an integer"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, CodecError> {
        let n = self.unsigned()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CodecError> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| CodecError::Length)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(CodecError::Length)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| CodecError::Malformed("a text"))
    }

    /// The texts of a set that is written only if there is something in it.
    pub(super) fn some_texts<T: From<&'a str> + Ord>(&mut self) -> Result<BTreeSet<T>, CodecError> {
        let mut order = Order::default();
        let count = self.some()?;
        (0..count).map(|_| Ok(T::from(order.next(self.text()?)?))).collect()
    }

    /// The texts of a list that is written only if there is something in it.
    pub(super) fn some_list<T: From<&'a str>>(&mut self) -> Result<Vec<T>, CodecError> {
        let count = self.some()?;
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(T::from(self.text()?));
        }
        Ok(list)
    }

    /// A count that is not 0.
    fn some(&mut self) -> Result<u64, CodecError> {
        match self.unsigned()? {
            0 => Err(CodecError::Malformed("a flag")),
            count => Ok(count),
        }
    }

    pub(super) fn tags(&mut self) -> Result<Tags, CodecError> {
        let mut order = Order::default();
        let count = self.unsigned()?;
        (0..count).map(|_| Ok((order.next(self.text()?)?, self.text()?))).collect()
    }

    /// Nothing may be left over.
    pub(super) fn end(&self) -> Result<(), CodecError> {
        if self.0.is_empty() { Ok(()) } else { Err(CodecError::Length) }
    }
}

/// Holds the texts of a set to their order: each set is written in one way.
#[derive(Default)]
pub(super) struct Order<'a>(Option<&'a str>);

impl<'a> Order<'a> {
    pub(super) fn next(&mut self, text: &'a str) -> Result<&'a str, CodecError> {
        if self.0.is_some_and(|last| last >= text) {
            return Err(CodecError::Malformed("the order"));
        }
        self.0 = Some(text);
        Ok(text)
    }
}
