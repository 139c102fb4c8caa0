//! The envelopes inside other requests.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use crate::{PromiseCreate, PromiseSettle, RegisterCallback, VERSION, object};

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

impl<'a> Inner<'a> {
    fn read<D: Deserializer<'a>>(deserializer: D) -> Result<(String, String, &'a str), D::Error> {
        let inner = object::Object::<Inner<'a>>::deserialize(deserializer)?.0;
        let data = inner.data.get();
        if !data.starts_with('{') {
            return Err(D::Error::custom("the data of an inner envelope must be an object"));
        }
        Ok((inner.kind, inner.head.corr_id.unwrap_or_default(), data))
    }
}

fn inner_data<'de, T: Deserialize<'de>, E: serde::de::Error>(data: &'de str) -> Result<T, E> {
    serde_json::from_str(data).map_err(E::custom)
}

fn wrong_kind<E: serde::de::Error>(found: &str, wanted: &str) -> E {
    E::custom(format!("an inner envelope is {found:?} where {wanted} is needed"))
}

macro_rules! inner {
    ($name:ident, $field:ident, $kind:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (kind, corr_id, data) = Inner::read(deserializer)?;
                if kind != $kind {
                    return Err(wrong_kind(&kind, $kind));
                }
                Ok($name { corr_id, $field: inner_data(data)? })
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

impl<'de> Deserialize<'de> for FenceAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, corr_id, data) = Inner::read(deserializer)?;
        match kind.as_str() {
            "promise.create" => {
                Ok(FenceAction::Create(CreateAction { corr_id, create: inner_data(data)? }))
            }
            "promise.settle" => {
                Ok(FenceAction::Settle(SettleAction { corr_id, settle: inner_data(data)? }))
            }
            other => Err(wrong_kind(other, "promise.create or promise.settle")),
        }
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
