//! Values and errors as JSON.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    core::outcome::{Outcome, Payload},
    error::{Error, ErrorKind},
};

/// A value as JSON text.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Payload, Error> {
    let text = serde_json::to_string(value).map_err(|e| Error::payload("cannot encode", e))?;
    Ok(Some(text.into()))
}

/// A value from JSON text. No text at all reads as `null`.
pub(crate) fn decode<T: DeserializeOwned>(payload: &Payload) -> Result<T, Error> {
    let text = payload.as_deref().unwrap_or("null");
    serde_json::from_str(text).map_err(|e| Error::payload("cannot decode the result", e))
}

/// An error as every Resonate SDK reads it, with the typed one beside it.
#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    stack: Option<String>,
    #[serde(default)]
    data: Option<Value>,
}

/// An error as JSON text.
pub(crate) fn encode_error<E: Serialize>(error: &E) -> Payload {
    let data = serde_json::to_value(error).unwrap_or(Value::Null);
    let member = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
    let message = match &data {
        Value::String(text) => text.clone(),
        other => member("message").unwrap_or_else(|| other.to_string()),
    };
    let name = member("name").unwrap_or_else(|| "Error".to_owned());
    let object = json!({ "__type": "error", "name": name, "message": message, "data": data });
    Some(object.to_string().into())
}

/// Whether an encoded error says of itself that trying again cannot help.
pub(crate) fn is_permanent(payload: &Payload) -> bool {
    #[derive(Deserialize)]
    struct Outer {
        data: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        #[serde(default)]
        permanent: bool,
    }
    let outer = payload.as_deref().and_then(|text| serde_json::from_str::<Outer>(text).ok());
    outer.is_some_and(|outer| outer.data.permanent)
}

/// An error from JSON text: of its own type if it was sent as that, or else as an application
/// error with what the other side said.
pub(crate) fn decode_error<E: DeserializeOwned + From<Error>>(payload: &Payload, id: &str) -> E {
    let text = payload.as_deref().unwrap_or("null");
    let object = serde_json::from_str::<Value>(text)
        .ok()
        .filter(|value| value.is_object())
        .and_then(|value| serde_json::from_value::<ErrorObject>(value).ok());
    let Some(object) = object else {
        let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
        return E::from(Error::application(text).of(id));
    };
    if let Some(error) = object.data.and_then(|data| serde_json::from_value(data).ok()) {
        return error;
    }
    let message = object.message.as_deref().unwrap_or(text);
    E::from(Error::foreign(message, object.name.as_deref(), object.stack.as_deref()).of(id))
}

/// The result that an outcome stands for.
pub(crate) fn decode_outcome<T, E>(outcome: &Outcome, id: &str) -> Result<T, E>
where
    T: DeserializeOwned,
    E: DeserializeOwned + From<Error>,
{
    match outcome {
        Outcome::Resolved(payload) => decode(payload).map_err(|e| E::from(e.of(id))),
        Outcome::Rejected(payload) => Err(decode_error(payload, id)),
        Outcome::Canceled(_) => {
            Err(E::from(Error::new(ErrorKind::Canceled, "canceled", "it was canceled").of(id)))
        }
        Outcome::TimedOut => {
            Err(E::from(Error::new(ErrorKind::Timeout, "timeout", "its deadline passed").of(id)))
        }
        Outcome::Unreadable(why) => Err(E::from(why.clone().into_error().of(id))),
    }
}

impl Error {
    /// The outcome of a body that failed with this error.
    pub(crate) fn into_outcome(self) -> Outcome {
        Outcome::Rejected(encode_error(&self))
    }
}
