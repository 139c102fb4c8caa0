//! The envelopes inside other requests.

use std::sync::Arc;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::value::RawValue;

use crate::{
    Id, Invalid, Millis, PromiseCreate, PromiseSettle, RegisterCallback, SettleState, Tags, Value,
    object,
};

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

/// A `promise.record` envelope inside `task.fence`: a promise is created, and settled at once. What
/// it does is what its two halves do one after the other; the answer is empty if both did what they
/// ask for, else that of the half that found something else. An extension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordAction {
    /// The correlation id of the inner envelope.
    pub corr_id: String,
    /// The promise to create.
    pub create: PromiseCreate,
    /// How it settles: the promise of the same id.
    pub settle: PromiseSettle,
}

/// What `task.fence` does if the task is held.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the action of the same name")]
pub enum FenceAction {
    Create(CreateAction),
    Settle(SettleAction),
    Record(RecordAction),
}

/// The data of `promise.record`, as they are on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recorded {
    pub(crate) id: Id,
    pub(crate) timeout_at: Millis,
    #[serde(default, deserialize_with = "object::shared")]
    pub(crate) param: Arc<Value>,
    #[serde(default, deserialize_with = "object::arc")]
    pub(crate) tags: Arc<Tags>,
    pub(crate) state: SettleState,
    #[serde(default, deserialize_with = "object::shared")]
    pub(crate) value: Arc<Value>,
}

impl RecordAction {
    /// The two halves of what the wire has as one.
    pub(crate) fn new(corr_id: String, recorded: Recorded) -> Self {
        let Recorded { id, timeout_at, param, tags, state, value } = recorded;
        let settle = PromiseSettle { id: id.clone(), state, value };
        RecordAction { corr_id, create: PromiseCreate { id, timeout_at, param, tags }, settle }
    }
}

impl FenceAction {
    /// What a server says to it that knows no such action.
    pub(crate) fn unknown(&self) -> Invalid {
        let kind = match self {
            FenceAction::Create(_) => CREATE,
            FenceAction::Settle(_) => SETTLE,
            FenceAction::Record(_) => RECORD,
        };
        Invalid(wrong(kind, FENCED))
    }
}

const CREATE: &str = "promise.create";
const SETTLE: &str = "promise.settle";
pub(crate) const RECORD: &str = "promise.record";
const FENCED: &str = "promise.create or promise.settle";

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
    fn of<E: Error>(kind: &str, corr_id: String, data: &str) -> Result<Self, E>;
}

/// Reads an inner envelope, whatever the order of its parts.
fn action<'de, T: Action, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let Inner { kind, head, data } = object::one(deserializer)?;
    let data = data.get();
    if !data.starts_with('{') {
        return Err(D::Error::custom("the data of an inner envelope must be an object"));
    }
    T::of(&kind, head.corr_id.unwrap_or_default(), data)
}

fn read<T: DeserializeOwned, E: Error>(data: &str) -> Result<T, E> {
    serde_json::from_str(data).map_err(E::custom)
}

fn wrong(found: &str, wanted: &str) -> String {
    format!("an inner envelope is {found:?} where {wanted} is needed")
}

fn wrong_kind<E: Error>(found: &str, wanted: &str) -> E {
    E::custom(wrong(found, wanted))
}

macro_rules! inner {
    ($name:ident, $field:ident, $kind:expr) => {
        impl Action for $name {
            fn of<E: Error>(kind: &str, corr_id: String, data: &str) -> Result<Self, E> {
                if kind != $kind {
                    return Err(wrong_kind(kind, $kind));
                }
                Ok($name { corr_id, $field: read(data)? })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                action(deserializer)
            }
        }
    };
}

inner!(CreateAction, create, CREATE);
inner!(SettleAction, settle, SETTLE);
inner!(CallbackAction, callback, "promise.register_callback");

impl Action for FenceAction {
    fn of<E: Error>(kind: &str, corr_id: String, data: &str) -> Result<Self, E> {
        match kind {
            CREATE => Ok(FenceAction::Create(CreateAction { corr_id, create: read(data)? })),
            SETTLE => Ok(FenceAction::Settle(SettleAction { corr_id, settle: read(data)? })),
            RECORD => Ok(FenceAction::Record(RecordAction::new(corr_id, read(data)?))),
            other => Err(wrong_kind(other, FENCED)),
        }
    }
}

impl<'de> Deserialize<'de> for FenceAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        action(deserializer)
    }
}
