use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};

use super::{Builder, Tags};
use crate::json::{Read, Reader, Unfit, Write, close, is_plain, plain_text, text};

impl<'de> Read<'de> for Tags {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        let mut tags = Builder::new();
        reader.open(b'{')?;
        while let Some(name) = reader.name()? {
            tags.name(&name);
            tags.value(&reader.string()?);
        }
        Ok(tags.finish())
    }
}

impl Write for Tags {
    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        // The names that are known are plain, and all others are in the text.
        let write = if is_plain(&self.text) { plain_text } else { text };
        for (name, value) in self.iter() {
            out.push(b',');
            write(name, out);
            out.push(b':');
            write(value, out);
        }
        close(start, out);
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Tags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
        let mut tags = Builder::new();
        while map.next_key_seed(Text(|name: &str| tags.name(name)))?.is_some() {
            map.next_value_seed(Text(|value: &str| tags.value(value)))?;
        }
        Ok(tags.finish())
    }
}

/// Passes a text on before anybody makes a copy of it.
struct Text<F>(F);

impl<'de, F: FnOnce(&str)> DeserializeSeed<'de> for Text<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<F: FnOnce(&str)> Visitor<'_> for Text<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }
}
