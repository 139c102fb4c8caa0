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

/// The member by which an [`Error`] is told from errors of other types.
const OURS: &str = "abide";

/// How deep an [`Error`] may lie within an error of another type: a variant of a variant.
const DEPTH: u32 = 4;

/// An error as JSON text, described by what it holds.
pub(crate) fn encode_error<E: Serialize>(error: &E) -> Payload {
    describe_error(error, None)
}

/// An error as JSON text. Who does not know its type reads the message.
pub(crate) fn describe_error<E: Serialize>(error: &E, message: Option<String>) -> Payload {
    let data = serde_json::to_value(error).unwrap_or(Value::Null);
    let member = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
    let message = message.or_else(|| member("message")).unwrap_or_else(|| match &data {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let name = member("name").unwrap_or_else(|| last_name(std::any::type_name::<E>()).to_owned());
    let object = json!({ "__type": "error", "name": name, "message": message, "data": data });
    Some(object.to_string().into())
}

/// `Refusal` of `shop::Refusal<u32>`.
fn last_name(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether an encoded error says that trying again cannot help: it has a member `permanent`, or
/// holds an [`Error`] that is.
pub(crate) fn is_permanent(payload: &Payload) -> bool {
    let object = payload.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let data = object.as_ref().and_then(|object| object.get("data"));
    data.is_some_and(|data| says_permanent(data) || holds_permanent(data, DEPTH))
}

fn says_permanent(value: &Value) -> bool {
    value.get("permanent").and_then(Value::as_bool) == Some(true)
}

fn holds_permanent(value: &Value, depth: u32) -> bool {
    if depth == 0 {
        return false;
    }
    match value {
        Value::Object(members) if members.contains_key(OURS) => says_permanent(value),
        Value::Object(members) => members.values().any(|inner| holds_permanent(inner, depth - 1)),
        Value::Array(items) => items.iter().any(|inner| holds_permanent(inner, depth - 1)),
        _ => false,
    }
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
    if let Some(data) = &object.data {
        // One of ours is not taken for a lenient type of theirs.
        if data.get(OURS).is_some()
            && let Ok(error) = Error::deserialize(data)
        {
            return E::from(error.of(id));
        }
        if let Ok(error) = E::deserialize(data) {
            return error;
        }
    }
    let message = object.message.as_deref().unwrap_or(text);
    let error = Error::foreign(message, object.name.as_deref(), object.stack.as_deref());
    E::from(error.with_data(object.data).of(id))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Refusal {
        Declined { reason: String },
        Abide(Inner),
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Inner(Error);

    impl PartialEq for Inner {
        fn eq(&self, other: &Self) -> bool {
            self.0.to_string() == other.0.to_string()
        }
    }

    impl From<Error> for Refusal {
        fn from(error: Error) -> Self {
            Self::Abide(Inner(error))
        }
    }

    fn read<E: DeserializeOwned + From<Error>>(text: &str) -> E {
        decode_error(&Some(text.into()), "p")
    }

    #[test]
    fn an_error_keeps_its_type() {
        let declined = Refusal::Declined { reason: "no".into() };
        let payload = encode_error(&declined);
        assert_eq!(decode_error::<Refusal>(&payload, "p"), declined);
        // Who does not know the type gets what can be read, and the rest.
        let error = decode_error::<Error>(&payload, "p");
        assert_eq!((error.name(), error.id()), (Some("Refusal"), Some("p")));
        assert_eq!(error.message(), r#"{"Declined":{"reason":"no"}}"#);
        assert_eq!(error.data::<Refusal>(), Some(declined));
        assert_eq!(error.data::<u32>(), None);
    }

    #[test]
    fn one_of_ours_arrives_within_any_type() {
        let canceled = Error::misuse("outside", "it was called outside");
        let payload = encode_error(&canceled);
        let error = decode_error::<Error>(&payload, "p");
        assert_eq!((error.code(), error.id()), ("outside", Some("p")));
        let Refusal::Abide(Inner(error)) = decode_error::<Refusal>(&payload, "p") else {
            panic!("it is another variant")
        };
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "outside"));
    }

    #[test]
    fn permanence_is_seen_within_other_types() {
        let permanent = |error: &dyn Fn() -> Payload| is_permanent(&error());
        assert!(permanent(&|| encode_error(&Error::permanent("no"))));
        assert!(!permanent(&|| encode_error(&Error::application("no"))));
        assert!(permanent(&|| encode_error(&Refusal::from(Error::permanent("no")))));
        assert!(!permanent(&|| encode_error(&Refusal::from(Error::application("no")))));
        assert!(permanent(&|| encode_error(&json!({ "permanent": true }))));
        assert!(!permanent(&|| encode_error(&json!({ "Declined": { "permanent": true } }))));
    }

    #[test]
    fn what_other_languages_send_is_readable() {
        let typescript = r#"{"__type":"error","name":"TypeError","message":"x is not a function",
            "stack":"TypeError: x is not a function\n    at charge (shop.ts:3:5)"}"#;
        let error: Error = read(typescript);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Application, "application"));
        assert_eq!((error.name(), error.message()), (Some("TypeError"), "x is not a function"));
        assert!(error.stack().unwrap().contains("shop.ts:3:5"));
        assert!(!error.is_permanent());
        let python: Error = read(r#"{"__type":"error","message":"division by zero"}"#);
        assert_eq!(python.to_string(), "division by zero (p)");
        for (text, message) in [
            (r#""just a text""#, "just a text"),
            ("null", "null"),
            ("[1]", "[1]"),
            (r#"{"code":7}"#, r#"{"code":7}"#),
        ] {
            assert_eq!(read::<Error>(text).message(), message);
        }
    }
}
