//! What promises are created with: a function and its arguments.

use std::sync::Arc;

use abide_protocol::PromiseRecord;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    codec::{Layers, Part, Slot, Unreadable},
    core::ask::Ask,
    json,
};

/// What the names of the members take, and a version.
const NAMES: usize = 40;

/// A function call as it travels.
#[derive(Debug, Deserialize)]
pub(crate) struct Invocation {
    /// The function's name.
    pub(crate) func: String,
    /// Its arguments: an array. (One published SDK sends a bare value for one argument.)
    #[serde(default = "none")]
    pub(crate) args: Box<RawValue>,
    /// The version of the function.
    #[serde(default)]
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

    /// The JSON text of what a call asks for.
    pub(crate) fn json_of(ask: &Ask) -> String {
        let mut json = String::with_capacity(ask.func.len() + ask.args.len() + NAMES);
        json.push_str(r#"{"func":"#);
        json::push_text(&mut json, &ask.func);
        json.push_str(r#","args":"#);
        json.push_str(&ask.args);
        if let Some(version) = ask.options.version {
            json.push_str(r#","version":"#);
            json::push_number(&mut json, version.into());
        }
        json.push('}');
        json
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
