//! What promises are created with: a function and its arguments.

use std::sync::Arc;

use abide_protocol::PromiseRecord;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    codec::{Layers, Part, Slot, Unreadable},
    core::ask::Ask,
};

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

    /// What a call asks for.
    pub(crate) fn of(ask: &Ask) -> Self {
        let args = RawValue::from_string(ask.args.to_string()).expect("arguments are JSON");
        Self { func: ask.func.to_string(), args, version: ask.options.version }
    }

    /// The JSON text.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("it is made of JSON")
    }

    /// Reads what a promise was created with; `None` if that is no function call.
    pub(crate) fn read(
        layers: &Layers,
        promise: &PromiseRecord,
    ) -> Result<Option<Self>, Unreadable> {
        let slot = Slot { promise: &promise.id, part: Part::Param };
        let json = layers.read(slot, &promise.param)?;
        // An array would be read as the members of the object.
        let json = json.filter(|json| json.trim_start().starts_with('{'));
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(json: &str) -> Invocation {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn arguments_are_always_an_array() {
        assert_eq!(&*invocation(r#"{"func":"f","args":[1, 2]}"#).array(), "[1, 2]");
        assert_eq!(&*invocation(r#"{"func":"f","args":7,"kwargs":{}}"#).array(), "[7]");
        assert_eq!(&*invocation(r#"{"func":"f","args":null}"#).array(), "[]");
        assert_eq!(&*invocation(r#"{"func":"f"}"#).array(), "[]");
    }
}
