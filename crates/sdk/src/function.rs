//! Durable functions: what `#[durable]` makes of an async function.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{
    call::Call,
    codec,
    core::{
        ask::{Ask, Body, Deadline, Kind, Options},
        fingerprint,
        outcome::{End, Outcome, Payload},
        site::Site,
    },
    error::{Error, Result},
    inputs::{Arguments, Inputs},
    record::{self, ByContent, ErrorRecorder, Failure, Value},
    retry::Retry,
    state::Need,
};

/// A running body.
pub struct Running(pub(crate) Pin<Box<dyn Future<Output = End> + Send>>);

/// A durable function, as registered.
#[derive(Debug)]
pub struct Function {
    /// The name under which it is called, from anywhere.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: u32,
    /// The group that executes it unless the caller says otherwise.
    pub(crate) on: Option<&'static str>,
    /// How long it may take unless the caller says otherwise.
    pub(crate) timeout: Option<Duration>,
    /// How it is retried unless the caller says otherwise.
    pub(crate) retry: Option<Retry>,
    /// What it needs of the process that executes it.
    pub(crate) state: &'static [Need],
    /// Runs it.
    pub(crate) run: fn(Inputs) -> Running,
}

impl Function {
    /// A function with the defaults.
    pub const fn new(name: &'static str, run: fn(Inputs) -> Running) -> Self {
        Self { name, version: 1, on: None, timeout: None, retry: None, state: &[], run }
    }

    /// Its version.
    #[must_use]
    pub const fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The group that executes it.
    #[must_use]
    pub const fn on(mut self, group: &'static str) -> Self {
        self.on = Some(group);
        self
    }

    /// How long it may take, in milliseconds.
    #[must_use]
    pub const fn timeout(mut self, millis: u64) -> Self {
        self.timeout = Some(Duration::from_millis(millis));
        self
    }

    /// How it is retried.
    #[must_use]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// What it needs.
    #[must_use]
    pub const fn state(mut self, needs: &'static [Need]) -> Self {
        self.state = needs;
        self
    }

    /// What a call of this function with these arguments asks for.
    fn ask(&'static self, arguments: Arguments, site: Site) -> Result<Ask> {
        let (args, fingerprint) = arguments.finish()?;
        Ok(self.ask_with(args, fingerprint, site))
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
            Arc::new(move || (self.run)(Inputs::new(args.clone())).0)
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

/// A call of a function.
#[track_caller]
pub fn call<T, E>(function: &'static Function, arguments: Arguments) -> Call<T, E> {
    let site = Site::at(std::panic::Location::caller());
    Call::from_ask(function.ask(arguments, site))
}

/// Runs a body. It begins when it is first polled, with the state that is at hand then.
pub fn run<F, T, E>(
    mut inputs: Inputs,
    begin: fn(&mut Inputs) -> Result<F>,
    value: fn(&T) -> Result<Payload>,
    error: ErrorRecorder<E>,
) -> Running
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: 'static,
    E: 'static,
{
    Running(Box::pin(async move {
        let body = match begin(&mut inputs) {
            Ok(body) => body,
            Err(error) => return refused(error),
        };
        if let Err(error) = inputs.finish() {
            return refused(error);
        }
        end(tokio::task::unconstrained(body).await, value, &error)
    }))
}

/// A body that cannot begin.
fn refused(error: Error) -> End {
    End { outcome: error.into_outcome(), permanent: true }
}

/// Runs a future to its end, as a task of its own, outside tokio's cooperative budget.
pub(crate) async fn ended<T: Value, E: Failure>(future: impl Future<Output = Result<T, E>>) -> End {
    let error = ByContent::recorder(&&record::error::<E>());
    end(tokio::task::unconstrained(future).await, record::value(), &error)
}

/// What is recorded. There is one of these for each type of result, and not for each function.
fn end<T, E>(
    result: Result<T, E>,
    value: fn(&T) -> Result<Payload>,
    error: &ErrorRecorder<E>,
) -> End {
    match result.map(|ok| value(&ok)) {
        Ok(Ok(payload)) => End { outcome: Outcome::Resolved(payload), permanent: true },
        Ok(Err(unrecordable)) => refused(unrecordable),
        Err(failed) => {
            let payload = error.write(&failed);
            let permanent = codec::is_permanent(&payload);
            End { outcome: Outcome::Rejected(payload), permanent }
        }
    }
}
