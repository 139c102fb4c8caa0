//! The arguments of a call: written by the caller, read where it is executed.

use std::{sync::Arc, vec};

use serde::Serialize;
use serde_json::{Value as Json, value::RawValue};

use crate::{
    core::fingerprint,
    error::{Error, Result},
    record::Recorder,
    state::Injected,
};

/// The arguments of a call, one after the other.
#[derive(Debug)]
pub struct Arguments(Result<Vec<Json>>);

/// No arguments yet.
pub fn arguments() -> Arguments {
    Arguments(Ok(Vec::new()))
}

impl Arguments {
    /// One more.
    #[must_use]
    pub fn with<T>(self, value: T, recorder: Recorder<T>) -> Self {
        Self(self.push(|| recorder.write(&value)))
    }

    fn push(self, json: impl FnOnce() -> Result<Json>) -> Result<Vec<Json>> {
        let mut arguments = self.0?;
        arguments.push(json()?);
        Ok(arguments)
    }

    /// The arguments as a JSON array, with their fingerprint.
    pub(crate) fn finish(self) -> Result<(Arc<str>, u64)> {
        Ok(array(Json::Array(self.0?)))
    }
}

/// A value as arguments: what is no array becomes the only member of one; `()` is the empty array.
pub(crate) fn of<A: Serialize>(args: &A) -> Result<(Arc<str>, u64)> {
    let value = serde_json::to_value(args)
        .map_err(|error| Error::payload("cannot encode the arguments", error))?;
    Ok(array(match value {
        Json::Array(_) => value,
        Json::Null => Json::Array(Vec::new()),
        other => Json::Array(vec![other]),
    }))
}

fn array(value: Json) -> (Arc<str>, u64) {
    (value.to_string().into(), fingerprint::of(&value))
}

/// What a body begins with.
#[derive(Debug)]
pub struct Inputs {
    array: Result<vec::IntoIter<Box<RawValue>>>,
    given: usize,
}

impl Inputs {
    /// The arguments of a JSON array.
    pub(crate) fn new(array: &str) -> Self {
        let array = serde_json::from_str::<Vec<Box<RawValue>>>(array)
            .map_err(|error| Error::payload("cannot decode the arguments", error));
        let given = array.as_ref().map_or(0, Vec::len);
        Self { array: array.map(Vec::into_iter), given }
    }

    /// The next argument. Where the caller gave none, as other languages allow, it reads as
    /// `null`, which is a value for an `Option` and `()`.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn next<T>(&mut self, name: &str, recorder: Recorder<T>) -> Result<T> {
        let next = self.array.as_mut().map_err(|error| error.clone())?.next();
        match next {
            Some(json) => recorder.read(name, &json),
            None => recorder.read(name, RawValue::NULL).map_err(|_| {
                let text = format!("the argument `{name}` is missing, of {} given", self.given);
                Error::payload("cannot decode the arguments", text)
            }),
        }
    }

    /// A piece of state.
    ///
    /// # Errors
    /// When the process does not have it.
    pub fn state<T>(&self, injected: Injected<T>) -> Result<T> {
        injected.given()
    }

    /// Nothing is left over.
    pub(crate) fn finish(self) -> Result<()> {
        let left = self.array?.len();
        match left {
            0 => Ok(()),
            _ => {
                let text = format!("{} were given, {left} too many", self.given);
                Err(Error::payload("cannot decode the arguments", text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::argument;

    fn two(array: &str) -> Result<(u32, Option<String>)> {
        let mut inputs = Inputs::new(array);
        let two = (inputs.next("n", argument())?, inputs.next("name", argument())?);
        inputs.finish().map(|()| two)
    }

    #[test]
    fn arguments_are_read_in_their_order() {
        let written = arguments().with(5, argument()).with(Some("a".to_owned()), argument());
        let (array, fingerprint) = written.finish().unwrap();
        assert_eq!(&*array, r#"[5,"a"]"#);
        assert_eq!(fingerprint, of(&(5, "a")).unwrap().1);
        assert_eq!(two(&array).unwrap(), (5, Some("a".to_owned())));
        assert_eq!(two("[5]").unwrap(), (5, None));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (array, says) in [
            ("[]", "`n` is missing, of 0 given"),
            (r#"["x"]"#, "`n`: invalid type"),
            (r#"[1, 2]"#, "`name`: invalid type"),
            (r#"[1, "a", 3, 4]"#, "4 were given, 2 too many"),
            ("7", "invalid type"),
        ] {
            let error = two(array).unwrap_err();
            assert!(error.message().contains(says), "{error}");
            assert_eq!((error.code(), error.is_permanent()), ("payload", true));
        }
    }
}
