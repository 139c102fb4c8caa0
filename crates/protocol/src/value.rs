use serde::{Deserialize, Serialize};

use crate::Tags;

/// What the codec of a payload wants to say about it: texts by their names, held like tags.
pub type Headers = Tags;

/// A payload: `param` of a promise is what it was created with, `value` what it settled with.
///
/// The server never looks inside; SDKs put base64 of JSON into `data`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Value {
    /// What the codec of the payload wants to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
    /// The payload, opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl Value {
    /// A payload without headers.
    pub fn of(data: impl Into<String>) -> Self {
        Value { headers: None, data: Some(data.into()) }
    }
}
