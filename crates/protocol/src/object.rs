//! Strict reading of objects. Serde's derived code also reads a struct from an array; the
//! protocol does not, so every nested struct is read through these functions.

use std::{fmt, marker::PhantomData, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A `T` that is written as an object and as nothing else.
pub(crate) struct Object<T>(pub(crate) T);

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// For `#[serde(deserialize_with)]` on a field that is one object.
pub(crate) fn one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(de: D) -> Result<T, D::Error> {
    Object::deserialize(de).map(|object| object.0)
}

/// The same for a shared object.
pub(crate) fn shared<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    de: D,
) -> Result<Arc<T>, D::Error> {
    one(de).map(Arc::new)
}

/// Something shared, whatever it is, put where it stays at once.
pub(crate) fn arc<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    de: D,
) -> Result<Arc<T>, D::Error> {
    T::deserialize(de).map(Arc::new)
}

/// The same for what may be absent.
pub(crate) fn some_arc<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    de: D,
) -> Result<Option<Arc<T>>, D::Error> {
    Ok(Option::deserialize(de)?.map(Arc::new))
}

/// A list of what is written as objects.
pub(crate) fn many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    de: D,
) -> Result<Vec<T>, D::Error> {
    let objects: Vec<Object<T>> = Vec::deserialize(de)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

/// The same for an optional flag: `null` means that it is absent.
pub(crate) fn flag<'de, D: Deserializer<'de>>(de: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(de)?.unwrap_or(false))
}
