//! How a struct is an object: its fields and their names, in the order in which they are written.
//! An `optional` one may be missing where it is read.

/// A struct that is read and written.
macro_rules! object {
    ($type:ty { $($field:ident: $key:literal $($maybe:ident)?),* $(,)? }) => {
        $crate::json::readable!($type { $($field: $key $($maybe)?),* });

        impl $crate::json::Write for $type {
            fn write(&self, out: &mut Vec<u8>) {
                let start = out.len();
                $($crate::json::field(concat!(",\"", $key, "\":"), &self.$field, out);)*
                $crate::json::close(start, out);
            }
        }
    };
}

/// A struct that is read.
macro_rules! readable {
    ($type:ty { $($field:ident: $key:literal $($maybe:ident)?),* $(,)? }) => {
        impl<'de> $crate::json::Read<'de> for $type {
            fn read(
                reader: &mut $crate::json::Reader<'de>,
            ) -> Result<Self, $crate::json::Unfit> {
                $(let mut $field = None;)*
                reader.open(b'{')?;
                // Most come in the order in which they are written.
                $({
                    const KEY: &[u8] = concat!("\"", $key, "\":").as_bytes();
                    const QUOTED: &[u8; KEY.len()] = KEY.first_chunk().unwrap();
                    if reader.takes_key(QUOTED) {
                        $field = Some($crate::json::Read::read(reader)?);
                    }
                })*
                while let Some(key) = reader.key()? {
                    let twice = match key {
                        $($key => $field.replace($crate::json::Read::read(reader)?).is_some(),)*
                        _ => {
                            reader.skip()?;
                            false
                        }
                    };
                    if twice {
                        return Err($crate::json::Unfit);
                    }
                }
                Ok(Self { $($field: $crate::json::readable!(@ $field $($maybe)?),)* })
            }
        }
    };
    (@ $field:ident) => { $field.ok_or($crate::json::Unfit)? };
    (@ $field:ident optional) => { $field.unwrap_or_default() };
}

pub(crate) use {object, readable};
