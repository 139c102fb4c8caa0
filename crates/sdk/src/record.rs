//! How arguments and results are recorded, as `#[durable]` needs it: each type is checked where
//! it is written, once.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::{
    codec,
    core::outcome::Payload,
    error::{Error, Result},
};

/// What can be an argument of a durable function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a durable function",
    label = "this cannot be recorded",
    note = "arguments are recorded: derive `serde::Serialize` and `serde::Deserialize` for it, and \
            let it own what it holds",
    note = "what belongs to the process, such as a pool or a client, is `#[state]`"
)]
pub trait Argument: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Argument for T {}

/// What can be the value of a durable function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a durable function",
    label = "this cannot be recorded",
    note = "results are recorded: derive `serde::Serialize` and `serde::Deserialize` for it, and \
            let it own what it holds"
)]
pub trait Value: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Value for T {}

/// What can be the error of a durable function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a durable function",
    label = "this cannot be recorded, or not tell that a call failed",
    note = "errors are recorded: derive `serde::Serialize` and `serde::Deserialize` for it",
    note = "a durable call can fail on its own: implement `From<abide::Error>`, as a variant with \
            `#[from] abide::Error` does",
    note = "or return `abide::Result<T>`: every `std::error::Error` becomes an `abide::Error` by `?`"
)]
pub trait Failure: Serialize + DeserializeOwned + From<Error> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Serialize + DeserializeOwned + From<Error> + Send + 'static> Failure for E {}

/// How one argument is written and read.
#[derive(Debug)]
pub struct Recorder<T> {
    write: fn(&T) -> serde_json::Result<Json>,
    read: fn(&str) -> serde_json::Result<T>,
}

/// How an argument of a type is written and read.
pub const fn argument<T: Argument>() -> Recorder<T> {
    Recorder { write: |value| serde_json::to_value(value), read: |json| serde_json::from_str(json) }
}

impl<T> Recorder<T> {
    pub(crate) fn write(&self, value: &T) -> Result<Json> {
        (self.write)(value).map_err(|error| Error::payload("cannot encode the arguments", error))
    }

    pub(crate) fn read(&self, name: &str, json: &str) -> Result<T> {
        let text = || format!("cannot decode the argument `{name}`");
        (self.read)(json).map_err(|error| Error::payload(&text(), error))
    }
}

/// How the value of a function is written.
pub const fn value<T: Value>() -> fn(&T) -> Result<Payload> {
    |value| codec::encode(value)
}

/// How the error of a function is written.
pub const fn error<E: Failure>() -> Described<E> {
    Described(codec::describe_error)
}

/// An error type that is asked for its text: by [`ByText`] or, if it has none, by [`ByContent`].
#[derive(Debug)]
pub struct Described<E>(fn(&E, Option<String>) -> Payload);

/// How an error is written, with its text if it has one.
#[derive(Debug)]
pub struct ErrorRecorder<E> {
    write: fn(&E, Option<String>) -> Payload,
    text: fn(&E) -> Option<String>,
}

impl<E> ErrorRecorder<E> {
    pub(crate) fn write(&self, error: &E) -> Payload {
        (self.write)(error, (self.text)(error))
    }
}

/// An error that has a text.
pub trait ByText<E> {
    /// How it is written.
    fn recorder(&self) -> ErrorRecorder<E>;
}

/// An error that has none. Its method takes one reference more than that of [`ByText`], so it is
/// found only where the other one is not.
pub trait ByContent<E> {
    /// How it is written.
    fn recorder(&self) -> ErrorRecorder<E>;
}

impl<E: fmt::Display> ByText<E> for Described<E> {
    fn recorder(&self) -> ErrorRecorder<E> {
        ErrorRecorder { write: self.0, text: |error| Some(error.to_string()) }
    }
}

impl<E> ByContent<E> for &Described<E> {
    fn recorder(&self) -> ErrorRecorder<E> {
        ErrorRecorder { write: self.0, text: |_| None }
    }
}
