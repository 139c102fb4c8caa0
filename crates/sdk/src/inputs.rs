//! The arguments of a call: written by the caller, read where it is executed.

use std::{ops::Range, sync::Arc, vec};

use serde::Serialize;
use serde_json::{Value as Json, value::RawValue};

use crate::{
    core::fingerprint,
    error::{Error, Result},
    record::Recorder,
    state::Injected,
};

/// Bytes that the arguments of most calls fit into.
const SHORT: usize = 128;

/// The arguments of a call, one after the other.
#[derive(Debug)]
pub struct Arguments(Result<Written>);

/// Arguments that were written.
#[derive(Debug)]
struct Written {
    /// A JSON array that still lacks its last bracket.
    array: Vec<u8>,
    fingerprint: fingerprint::Members,
}

/// No arguments yet.
pub fn arguments() -> Arguments {
    let array = Vec::with_capacity(SHORT);
    Arguments(Ok(Written { array, fingerprint: fingerprint::Members::new() }))
}

impl Arguments {
    /// One more.
    #[must_use]
    pub fn with<T>(self, value: T, recorder: Recorder<T>) -> Self {
        Self(self.0.and_then(|written| written.with(&recorder.write(&value)?)))
    }

    /// The arguments as a JSON array, with their fingerprint.
    pub(crate) fn finish(self) -> Result<(Arc<str>, u64)> {
        let Written { mut array, fingerprint } = self.0?;
        array.extend_from_slice(if array.is_empty() { b"[]" } else { b"]" });
        let text = str::from_utf8(&array).expect("JSON is text");
        Ok((text.into(), fingerprint.finish()))
    }
}

impl Written {
    fn with(mut self, json: &Json) -> Result<Self> {
        self.array.push(if self.array.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.array, json)
            .map_err(|error| Error::payload("cannot encode the arguments", error))?;
        self.fingerprint.push(json);
        Ok(self)
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
    array: Arc<str>,
    /// Where the arguments are that have not been read yet.
    left: Result<vec::IntoIter<Range<usize>>>,
    given: usize,
}

impl Inputs {
    /// The arguments of a JSON array.
    pub(crate) fn new(array: Arc<str>) -> Self {
        let place = |json: &RawValue| {
            let begin = json.get().as_ptr().addr() - array.as_ptr().addr();
            begin..begin + json.get().len()
        };
        let left = serde_json::from_str::<Vec<&RawValue>>(&array)
            .map(|members| members.into_iter().map(place).collect::<Vec<_>>().into_iter())
            .map_err(|error| Error::payload("cannot decode the arguments", error));
        let given = left.as_ref().map_or(0, ExactSizeIterator::len);
        Self { array, left, given }
    }

    /// The next argument. Where the caller gave none, as other languages allow, it reads as
    /// `null`, which is a value for an `Option` and `()`.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn next<T>(&mut self, name: &str, recorder: Recorder<T>) -> Result<T> {
        let next = self.left.as_mut().map_err(|error| error.clone())?.next();
        match next {
            Some(place) => recorder.read(name, &self.array[place]),
            None => recorder.read(name, "null").map_err(|_| {
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
        let left = self.left?.len();
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
        let mut inputs = Inputs::new(array.into());
        let two = (inputs.next("n", argument())?, inputs.next("name", argument())?);
        inputs.finish().map(|()| two)
    }

    #[test]
    fn arguments_are_read_in_their_order() {
        let written = arguments().with(5, argument()).with(Some("a".to_owned()), argument());
        let (array, fingerprint) = written.finish().unwrap();
        assert_eq!(&*array, r#"[5,"a"]"#);
        assert_eq!(fingerprint, of(&(5, "a")).unwrap().1);
        assert_eq!(arguments().finish().unwrap(), of(&()).unwrap());
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
