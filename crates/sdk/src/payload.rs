//! Payloads on the wire: base64 of JSON, in `data`.

use std::sync::Arc;

use abide_protocol::Value;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::core::outcome::Payload;

/// A function call as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Invocation {
    /// The function's name.
    pub(crate) func: String,
    /// Its arguments: an array. (One published SDK sends a bare value for one argument.)
    #[serde(default = "none")]
    pub(crate) args: Box<RawValue>,
    /// The version of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
}

fn none() -> Box<RawValue> {
    RawValue::from_string("[]".to_owned()).expect("an array")
}

impl Invocation {
    /// The arguments as a JSON array.
    pub(crate) fn array(&self) -> Arc<str> {
        match self.args.get() {
            "null" => "[]".into(),
            array if array.starts_with('[') => array.into(),
            bare => format!("[{bare}]").into(),
        }
    }

    /// Reads what a promise was created with.
    pub(crate) fn read(param: &Value) -> Option<Self> {
        serde_json::from_str(read(param)?.as_ref()).ok()
    }
}

/// JSON text as `data`.
pub(crate) fn data(json: &str) -> String {
    STANDARD.encode(json)
}

/// A payload as a value.
pub(crate) fn value(payload: &Payload) -> Arc<Value> {
    Arc::new(payload.as_deref().map_or_else(Value::default, |json| Value::of(data(json))))
}

/// The JSON text in a value. What is not base64 is taken as a text of its own, so that a value
/// written by hand is not lost.
pub(crate) fn read(value: &Value) -> Payload {
    let data = value.data.as_deref().filter(|data| !data.is_empty())?;
    let json = STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let json = json.filter(|json| serde_json::from_str::<&RawValue>(json).is_ok());
    Some(json.unwrap_or_else(|| serde_json::Value::from(data).to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(json: &str) -> Invocation {
        Invocation::read(&Value::of(data(json))).unwrap()
    }

    #[test]
    fn arguments_are_always_an_array() {
        assert_eq!(&*invocation(r#"{"func":"f","args":[1, 2]}"#).array(), "[1, 2]");
        assert_eq!(&*invocation(r#"{"func":"f","args":7,"kwargs":{}}"#).array(), "[7]");
        assert_eq!(&*invocation(r#"{"func":"f","args":null}"#).array(), "[]");
        assert_eq!(&*invocation(r#"{"func":"f"}"#).array(), "[]");
    }

    #[test]
    fn a_value_survives_and_one_written_by_hand_is_a_text() {
        let json: Payload = Some(r#"{"a":[1]}"#.into());
        assert_eq!(read(&value(&json)), json);
        assert_eq!(read(&value(&None)), None);
        assert_eq!(read(&Value::of("")), None);
        assert_eq!(read(&Value::of("yes, please")).as_deref(), Some(r#""yes, please""#));
    }
}
