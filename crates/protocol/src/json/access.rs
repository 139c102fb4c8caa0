use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::{Reader, Unfit};

/// The fields of an object, after its brace.
pub(super) struct Fields<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl<'a, 'de> Fields<'a, 'de> {
    #[inline]
    pub(super) fn new(reader: &'a mut Reader<'de>) -> Self {
        Fields { reader, first: true }
    }
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unfit> {
        let first = std::mem::take(&mut self.first);
        if !first && !self.reader.takes(b',') {
            return Ok(None);
        }
        match self.reader.peek() {
            Some(b'"') => seed.deserialize(&mut *self.reader).map(Some),
            Some(b'}') if first => Ok(None),
            _ => Err(Unfit),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// The items of an array, after its bracket.
pub(super) struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    #[inline]
    pub(super) fn new(reader: &'a mut Reader<'de>) -> Self {
        Items { reader, first: true }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unfit> {
        if std::mem::take(&mut self.first) {
            if self.reader.peek() == Some(b']') {
                return Ok(None);
            }
        } else if !self.reader.takes(b',') {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}
