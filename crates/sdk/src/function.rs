//! Durable functions: what `#[durable]` makes of an async function.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec,
    core::{
        ask::{Ask, Body, Deadline, Kind, Options},
        fingerprint,
        outcome::{End, Outcome},
        site::Site,
    },
    error::{Error, Result},
    retry::Retry,
};

/// A running body.
pub struct Running(pub(crate) Pin<Box<dyn Future<Output = End> + Send>>);

/// A durable function, as registered.
#[derive(Debug)]
pub struct Function {
    /// The name under which it is called, from anywhere.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// The group that executes it unless the caller says otherwise.
    pub on: Option<&'static str>,
    /// How long it may take unless the caller says otherwise.
    pub timeout: Option<Duration>,
    /// How it is retried unless the caller says otherwise.
    pub retry: Option<Retry>,
    /// Runs it with the arguments of a JSON array.
    pub run: fn(&str) -> Running,
}

/// What a durable function may return: a `Result` of things that can be recorded.
#[diagnostic::on_unimplemented(
    message = "a durable function cannot return `{Self}`",
    label = "this cannot be recorded",
    note = "it returns `abide::Result<T>` or `Result<T, E>`, where `T` is `Serialize + \
            DeserializeOwned`, and `E` is that and `From<abide::Error>`"
)]
pub trait Returns {
    /// The value.
    type Value: Serialize + DeserializeOwned + Send + 'static;
    /// The error.
    type Error: Serialize + DeserializeOwned + From<Error> + Send + 'static;

    /// How the body ended.
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Returns for Result<T, E>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    E: Serialize + DeserializeOwned + From<Error> + Send + 'static,
{
    type Value = T;
    type Error = E;

    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// Runs a body with the arguments of a JSON array.
pub fn run<A, F>(args: &str, body: fn(A) -> F) -> Running
where
    A: DeserializeOwned,
    F: Future<Output: Returns> + Send + 'static,
{
    match serde_json::from_str(if args == "[]" { "null" } else { args })
        .or_else(|_| serde_json::from_str(args))
    {
        Ok(args) => Running(Box::pin(ended(body(args)))),
        Err(error) => {
            let error = Error::payload("cannot decode the arguments", error);
            let end = End { outcome: error.into_outcome(), permanent: true };
            Running(Box::pin(std::future::ready(end)))
        }
    }
}

/// Runs a future to its end, as a task of its own, outside tokio's cooperative budget.
pub(crate) async fn ended<F: Future<Output: Returns>>(future: F) -> End {
    let result = tokio::task::unconstrained(future).await.into_result();
    match result {
        Ok(value) => match codec::encode(&value) {
            Ok(payload) => End { outcome: Outcome::Resolved(payload), permanent: true },
            Err(error) => End { outcome: error.into_outcome(), permanent: true },
        },
        Err(error) => {
            let payload = codec::encode_error(&error);
            let permanent = codec::is_permanent(&payload);
            End { outcome: Outcome::Rejected(payload), permanent }
        }
    }
}

impl Function {
    /// What a call of this function with these arguments asks for.
    pub(crate) fn ask<A: Serialize>(&'static self, args: &A, site: Site) -> Result<Ask> {
        let args = arguments(args)?;
        Ok(self.ask_with(args.0, args.1, site))
    }

    /// What is asked for by a call that was recorded or came over the wire.
    pub(crate) fn ask_recorded(&'static self, args: Arc<str>) -> Result<Ask> {
        let value = serde_json::from_str(&args)
            .map_err(|error| Error::payload("cannot decode the arguments", error))?;
        Ok(self.ask_with(args, fingerprint::of(&value), Site::recorded("")))
    }

    fn ask_with(&'static self, args: Arc<str>, fingerprint: u64, site: Site) -> Ask {
        let body: Body = {
            let args = args.clone();
            Arc::new(move || (self.run)(&args).0)
        };
        let options = Options {
            target: self.on.map(crate::address::group),
            deadline: self.timeout.map(Deadline::After),
            retry: self.retry,
            version: Some(self.version),
            ..Options::default()
        };
        let kind = if options.target.is_some() { Kind::Remote } else { Kind::Call };
        let func = self.name.into();
        Ask { kind, func, args, fingerprint, site, options, body: Some(body) }
    }
}

/// Arguments as a JSON array, with their fingerprint. What is no array becomes the only member of
/// one; `()` is the empty array.
pub(crate) fn arguments<A: Serialize>(args: &A) -> Result<(Arc<str>, u64)> {
    let value = serde_json::to_value(args)
        .map_err(|error| Error::payload("cannot encode the arguments", error))?;
    let value = match value {
        serde_json::Value::Array(_) => value,
        serde_json::Value::Null => serde_json::Value::Array(Vec::new()),
        other => serde_json::Value::Array(vec![other]),
    };
    Ok((value.to_string().into(), fingerprint::of(&value)))
}
