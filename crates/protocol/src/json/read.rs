use std::sync::Arc;

use super::{Reader, Unfit};

/// What a [`Reader`] reads.
pub(crate) trait Read<'de>: Sized {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit>;
}

impl<'de> Read<'de> for String {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        Ok(reader.string()?.into_owned())
    }
}

/// A text that needs no copy, because nothing in it is escaped.
impl<'de> Read<'de> for &'de str {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        reader.plain_string()
    }
}

impl<'de> Read<'de> for i64 {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        reader.integer()
    }
}

impl<'de> Read<'de> for u64 {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        reader.integer()?.try_into().map_err(|_| Unfit)
    }
}

impl<'de> Read<'de> for u16 {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        reader.integer()?.try_into().map_err(|_| Unfit)
    }
}

/// An optional flag: `null` means that it is absent.
impl<'de> Read<'de> for bool {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        if reader.word("true") {
            return Ok(true);
        }
        if reader.word("false") || reader.word("null") { Ok(false) } else { Err(Unfit) }
    }
}

impl<'de, T: Read<'de>> Read<'de> for Option<T> {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        if reader.word("null") { Ok(None) } else { T::read(reader).map(Some) }
    }
}

impl<'de, T: Read<'de>> Read<'de> for Arc<T> {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        T::read(reader).map(Arc::new)
    }
}

impl<'de, T: Read<'de>> Read<'de> for Box<T> {
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        T::read(reader).map(Box::new)
    }
}

impl<'de, T: Read<'de>> Read<'de> for Vec<T> {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        let mut items = Vec::new();
        reader.open(b'[')?;
        while reader.more(b']')? {
            items.push(T::read(reader)?);
        }
        Ok(items)
    }
}
