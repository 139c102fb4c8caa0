//! The envelopes inside other requests.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{PromiseCreate, PromiseSettle, RegisterCallback, VERSION, json::INLINE, object, parts};

/// A `promise.create` envelope inside another request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CreateAction {
    /// The correlation id of the inner envelope, echoed in the inner response.
    pub corr_id: String,
    /// The promise to create.
    pub create: PromiseCreate,
}

/// A `promise.settle` envelope inside another request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SettleAction {
    /// The correlation id of the inner envelope.
    pub corr_id: String,
    /// How the promise settles.
    pub settle: PromiseSettle,
}

/// A `promise.register_callback` envelope inside `task.suspend`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallbackAction {
    /// The correlation id of the inner envelope.
    pub corr_id: String,
    /// The callback to register.
    pub callback: RegisterCallback,
}

/// What `task.fence` does if the task is held.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the action of the same name")]
pub enum FenceAction {
    Create(CreateAction),
    Settle(SettleAction),
}

#[derive(Deserialize)]
struct Inner<'a> {
    kind: String,
    #[serde(default, deserialize_with = "object::one")]
    head: InnerHead,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InnerHead {
    #[serde(default)]
    corr_id: Option<String>,
}

/// An inner envelope of a kind that may be there.
trait Action: Sized {
    fn read<'de, D: Data<'de>>(kind: &str, corr_id: String, data: D) -> Result<Self, D::Error>;
}

/// The data of an inner envelope, before it is known what they are of.
trait Data<'de> {
    type Error: de::Error;

    fn read<T: Deserialize<'de>>(self) -> Result<T, Self::Error>;
}

/// Data that are the next value of a map.
struct Next<'a, A>(&'a mut A);

impl<'de, A: MapAccess<'de>> Data<'de> for Next<'_, A> {
    type Error = A::Error;

    fn read<T: Deserialize<'de>>(self) -> Result<T, A::Error> {
        self.0.next_value()
    }
}

/// Data that are still a text.
struct Text<'de, E>(&'de str, PhantomData<E>);

impl<'de, E: de::Error> Data<'de> for Text<'de, E> {
    type Error = E;

    fn read<T: Deserialize<'de>>(self) -> Result<T, E> {
        serde_json::from_str(self.0).map_err(E::custom)
    }
}

struct ActionVisitor<T>(PhantomData<T>);

impl<'de, T: Action> Visitor<'de> for ActionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// In one go, if the data come last.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        parts::read(map, |kind, head: Option<InnerHead>, map| {
            let kind = kind.ok_or_else(|| A::Error::missing_field("kind"))?;
            let corr_id = head.and_then(|head| head.corr_id).unwrap_or_default();
            T::read(kind, corr_id, Next(map))
        })
    }

    /// Whatever the order.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let Inner { kind, head, data } = object::one(deserializer)?;
        let data = data.get();
        if !data.starts_with('{') {
            return Err(D::Error::custom("the data of an inner envelope must be an object"));
        }
        T::read(&kind, head.corr_id.unwrap_or_default(), Text(data, PhantomData))
    }
}

fn wrong_kind<E: de::Error>(found: &str, wanted: &str) -> E {
    E::custom(format_args!("an inner envelope is {found:?} where {wanted} is needed"))
}

macro_rules! inner {
    ($name:ident, $field:ident, $kind:literal) => {
        impl Action for $name {
            fn read<'de, D: Data<'de>>(
                kind: &str,
                corr_id: String,
                data: D,
            ) -> Result<Self, D::Error> {
                match kind {
                    $kind => Ok($name { corr_id, $field: data.read()? }),
                    _ => Err(wrong_kind(kind, $kind)),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_newtype_struct(INLINE, ActionVisitor(PhantomData))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                write_inner(serializer, $kind, &self.corr_id, &self.$field)
            }
        }
    };
}

inner!(CreateAction, create, "promise.create");
inner!(SettleAction, settle, "promise.settle");
inner!(CallbackAction, callback, "promise.register_callback");

impl Action for FenceAction {
    fn read<'de, D: Data<'de>>(kind: &str, corr_id: String, data: D) -> Result<Self, D::Error> {
        match kind {
            "promise.create" => {
                Ok(FenceAction::Create(CreateAction { corr_id, create: data.read()? }))
            }
            "promise.settle" => {
                Ok(FenceAction::Settle(SettleAction { corr_id, settle: data.read()? }))
            }
            other => Err(wrong_kind(other, "promise.create or promise.settle")),
        }
    }
}

impl<'de> Deserialize<'de> for FenceAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(INLINE, ActionVisitor(PhantomData))
    }
}

impl Serialize for FenceAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            FenceAction::Create(action) => action.serialize(serializer),
            FenceAction::Settle(action) => action.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct OutInner<'a, T> {
    kind: &'a str,
    head: OutHead<'a>,
    data: &'a T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutHead<'a> {
    corr_id: &'a str,
    version: &'a str,
}

fn write_inner<S: Serializer, T: Serialize>(
    serializer: S,
    kind: &str,
    corr_id: &str,
    data: &T,
) -> Result<S::Ok, S::Error> {
    OutInner { kind, head: OutHead { corr_id, version: VERSION }, data }.serialize(serializer)
}
