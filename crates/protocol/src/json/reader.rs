use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};

use super::{
    Unfit,
    access::{Fields, Items},
    plain,
};

/// The name of a newtype that is read as a map by a [`Reader`], and as a newtype by others.
pub(crate) const INLINE: &str = "abide::inline";

/// How deep values may be nested.
const DEPTH: usize = 16;

/// Reads JSON, if it is of the usual kind.
pub(crate) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
}

impl<'de> Reader<'de> {
    /// Reads a whole text.
    pub(crate) fn read<T: Deserialize<'de>>(text: &'de str) -> Result<T, Unfit> {
        Reader::read_with(text, std::marker::PhantomData::<T>)
    }

    /// Reads a whole text.
    pub(crate) fn read_with<S: DeserializeSeed<'de>>(
        text: &'de str,
        seed: S,
    ) -> Result<S::Value, Unfit> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let value = seed.deserialize(&mut reader)?;
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(Unfit),
        }
    }

    fn bytes(&self) -> &'de [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next byte that is not white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Passes over this byte, if it is the next one.
    #[inline]
    pub(super) fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Result<(), Unfit> {
        if self.takes(byte) { Ok(()) } else { Err(Unfit) }
    }

    fn string(&mut self) -> Result<Cow<'de, str>, Unfit> {
        self.take(b'"')?;
        let (start, rest) = (self.at, self.bytes());
        let length = plain(rest);
        self.at += length;
        match rest.get(length) {
            Some(b'"') => {
                self.at += 1;
                self.text.get(start..start + length).map(Cow::Borrowed).ok_or(Unfit)
            }
            Some(b'\\') => self.escaped(start),
            _ => Err(Unfit),
        }
    }

    fn escaped(&mut self, start: usize) -> Result<Cow<'de, str>, Unfit> {
        while self.bytes().first() == Some(&b'\\') {
            self.at += 2;
            self.at += plain(self.text.as_bytes().get(self.at..).ok_or(Unfit)?);
        }
        self.take(b'"')?;
        let quoted = self.text.get(start - 1..self.at).ok_or(Unfit)?;
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Unfit)
    }

    fn integer(&mut self) -> Result<i64, Unfit> {
        let negative = self.takes(b'-');
        let bytes = self.bytes();
        let digits = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
        let mut sum = 0_i64;
        for digit in &bytes[..digits] {
            let digit = i64::from(digit - b'0');
            let signed = if negative { -digit } else { digit };
            sum = sum.checked_mul(10).and_then(|sum| sum.checked_add(signed)).ok_or(Unfit)?;
        }
        self.at += digits;
        let leading = bytes.first() == Some(&b'0') && (digits > 1 || negative);
        let fraction = matches!(bytes.get(digits), Some(b'.' | b'e' | b'E'));
        if digits == 0 || leading || fraction { Err(Unfit) } else { Ok(sum) }
    }

    fn word(&mut self, word: &str) -> Result<(), Unfit> {
        if !self.bytes().starts_with(word.as_bytes()) {
            return Err(Unfit);
        }
        self.at += word.len();
        Ok(())
    }

    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unfit> {
        self.take(b'{')?;
        self.nested(|reader| {
            let value = visitor.visit_map(Fields::new(reader))?;
            reader.take(b'}')?;
            Ok(value)
        })
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Unfit>) -> Result<T, Unfit> {
        if self.depth == DEPTH {
            return Err(Unfit);
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.peek().ok_or(Unfit)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' => self.word("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.word("false").and_then(|()| visitor.visit_bool(false)),
            b'n' => self.word("null").and_then(|()| visitor.visit_unit()),
            _ => match self.integer()? {
                natural @ 0.. => visitor.visit_u64(natural.unsigned_abs()),
                negative => visitor.visit_i64(negative),
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.peek();
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.peek() {
            Some(b'n') => self.word("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.take(b'[')?;
        self.nested(|reader| {
            let value = visitor.visit_seq(Items::new(reader))?;
            reader.take(b']')?;
            Ok(value)
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        if name == INLINE { self.map(visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Cow::Owned(_) => Err(Unfit),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        tuple tuple_struct ignored_any
    }
}
