//! Payloads: JSON on the command line, base64 of JSON on the wire, JSON again for people.

use std::{fmt, str::FromStr};

use abide_protocol::Value;
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Every SDK writes padding; what lacks it is read all the same.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A JSON value exactly as it was written, so that no number loses a digit.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Json(Box<RawValue>);

impl Json {
    /// The text.
    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }

    /// Any serialisable value as JSON.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Json(serde_json::value::to_raw_value(value).expect("strings and JSON serialise"))
    }

    /// The value of a field, if this is an object with it.
    pub(crate) fn field(&self, name: &str) -> Option<Json> {
        let object: std::collections::BTreeMap<String, &RawValue> =
            serde_json::from_str(self.text()).ok()?;
        object.get(name).map(|value| Json((*value).to_owned()))
    }

    /// The text of a JSON string.
    pub(crate) fn string(&self) -> Option<String> {
        serde_json::from_str(self.text()).ok()
    }

    /// The elements of a JSON array.
    pub(crate) fn elements(&self) -> Option<Vec<Json>> {
        Vec::<Box<RawValue>>::deserialize(&mut serde_json::Deserializer::from_str(self.text()))
            .ok()
            .map(|elements| elements.into_iter().map(Json).collect())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for Json {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Json).map_err(|error| {
            let quoted = Json::of(&text);
            format!("not JSON ({error}); if a string is meant, quote it for the shell: '{quoted}'")
        })
    }
}

/// The JSON as it travels: base64 in `data`.
pub(crate) fn encode(json: &Json) -> Value {
    Value::of(BASE64.encode(json.text()))
}

/// The payload that the command line gave, or an empty one.
pub(crate) fn encode_option(json: Option<&Json>) -> Value {
    json.map(encode).unwrap_or_default()
}

/// What a payload says to a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decoded {
    /// Nothing.
    Empty,
    /// JSON, written by an SDK or by this command.
    Json(Json),
    /// Text in another encoding, as it is.
    Opaque(String),
}

/// Reads a payload. Clients differ in how they write *nothing*: no data, or an empty text.
pub(crate) fn decode(value: &Value) -> Decoded {
    let Some(data) = value.data.as_deref().filter(|data| !data.is_empty()) else {
        return Decoded::Empty;
    };
    let text = BASE64.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match text.and_then(|text| text.parse().ok()) {
        Some(json) => Decoded::Json(json),
        None => Decoded::Opaque(encoded(value).unwrap_or_else(|| data.to_owned())),
    }
}

/// What is known of a payload with the layers of a codec, which this command cannot take off.
fn encoded(value: &Value) -> Option<String> {
    let layers = value.headers.as_ref()?.get("abide:codec")?;
    let bytes = BASE64.decode(value.data.as_deref()?).ok()?.len();
    Some(format!("({bytes} bytes, encoded by {layers})"))
}

impl Decoded {
    /// The JSON, if it is some.
    pub(crate) fn json(&self) -> Option<&Json> {
        match self {
            Decoded::Json(json) => Some(json),
            _ => None,
        }
    }
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decoded::Empty => Ok(()),
            Decoded::Json(json) => json.fmt(f),
            Decoded::Opaque(text) => text.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use abide_protocol::Value;

    use super::{Decoded, Json, decode, encode};

    #[test]
    fn what_was_typed_comes_back_exactly() {
        for text in ["42", "1e400", "123456789012345678901234567890", r#"{"b":1,"a":[null]}"#] {
            let json: Json = text.parse().unwrap();
            assert_eq!(decode(&encode(&json)).to_string(), text);
        }
    }

    #[test]
    fn the_wire_form_is_base64_of_json() {
        assert_eq!(encode(&"42".parse().unwrap()).data.as_deref(), Some("NDI="));
    }

    #[test]
    fn nothing_has_two_spellings() {
        assert_eq!(decode(&Value::default()), Decoded::Empty);
        assert_eq!(decode(&Value::of("")), Decoded::Empty);
    }

    #[test]
    fn a_missing_padding_is_forgiven() {
        assert_eq!(decode(&Value::of("NDI")).to_string(), "42");
    }

    #[test]
    fn foreign_text_stays_as_it_is() {
        assert_eq!(decode(&Value::of("hello, world")), Decoded::Opaque("hello, world".into()));
    }

    #[test]
    fn what_is_encrypted_is_described() {
        let headers = [("abide:codec", "zlib,seal;key=k")];
        let value = Value { headers: Some(headers.into_iter().collect()), ..Value::of("/////w==") };
        assert_eq!(decode(&value).to_string(), "(4 bytes, encoded by zlib,seal;key=k)");
    }

    #[test]
    fn an_unquoted_string_is_told_how_to_quote() {
        let error = "hello".parse::<Json>().unwrap_err();
        assert!(error.contains(r#"'"hello"'"#), "{error}");
    }

    #[test]
    fn parts_of_a_value_can_be_taken() {
        let json: Json = r#"{"func":"f","args":[1,"x"]}"#.parse().unwrap();
        assert_eq!(json.field("func").unwrap().string().unwrap(), "f");
        let args = json.field("args").unwrap().elements().unwrap();
        assert_eq!(args.iter().map(Json::text).collect::<Vec<_>>(), ["1", "\"x\""]);
        assert_eq!(json.field("version"), None);
    }
}
