//! Promises that somebody outside settles.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    panic::Location,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use serde::de::DeserializeOwned;

use crate::{
    codec,
    core::{
        ask::{Ask, Deadline, Kind, Options},
        operation::Operation,
        site::Site,
    },
    error::{Error, Result},
};

/// A promise of the durable function that calls this, to be settled by somebody outside who is
/// given its [id](External::id): a person, a webhook, another program.
///
/// ```
/// # use abide::prelude::*;
/// # fn ask_manager(id: String) -> Call<()> { rpc("ask_manager", (id,)) }
/// # async fn expense() -> Result<bool> {
/// let approval = promise::<bool>();
/// ask_manager(approval.id()).await?;
/// approval.await
/// # }
/// ```
#[track_caller]
pub fn promise<T>() -> External<T> {
    let ask = Ask {
        kind: Kind::Promise,
        func: "".into(),
        args: "[]".into(),
        fingerprint: 0,
        site: Site::at(Location::caller()),
        options: Options::default(),
        body: None,
    };
    External { state: Mutex::new(State::Asked(Box::new(ask))), output: PhantomData }
}

/// A promise that somebody outside settles. It comes to exist when its id is asked for, or when it
/// is first awaited.
///
/// ```
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # async fn example() -> Result<bool> {
/// let approval = promise::<bool>()
///     .named("approval")
///     .timeout(Duration::from_secs(7 * 24 * 3_600))
///     .tag("approver", "ada");
/// println!("abide promise resolve {} --value true", approval.id());
/// approval.await
/// # }
/// ```
#[must_use = "a promise does nothing until its id is asked for or it is awaited"]
pub struct External<T> {
    state: Mutex<State>,
    output: PhantomData<fn() -> T>,
}

enum State {
    Asked(Box<Ask>),
    Made { operation: Operation, id: Arc<str> },
    Failed(Option<Error>),
}

impl State {
    fn make(&mut self) {
        if let State::Asked(_) = self {
            let State::Asked(ask) = std::mem::replace(self, State::Failed(None)) else { return };
            let mut operation = Operation::new(Arc::from(ask));
            *self = match operation.begin() {
                Ok(id) => State::Made { operation, id },
                Err(misplaced) => State::Failed(Some(misplaced.into())),
            };
        }
    }
}

impl<T> External<T> {
    /// A name, which tells apart the promises that exist at one time.
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        self.with(|ask| ask.func = name.into())
    }

    /// Fails with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when nobody settles it in time.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|ask| ask.options.deadline = Some(Deadline::After(timeout)))
    }

    /// A tag, to find it by.
    pub fn tag(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|ask| {
            ask.options.tags.insert(name.into(), value.into());
        })
    }

    /// Canceled, durably, when it is dropped before it is settled: whoever settles it later finds
    /// that it is too late.
    pub fn cancel_on_drop(self) -> Self {
        self.with(|ask| ask.options.cancel_on_drop = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Ask)) -> Self {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let State::Asked(ask) = state {
            change(ask);
        }
        self
    }

    /// Its id, under which it is settled. The promise exists from now on.
    ///
    /// # Panics
    /// Outside an execution.
    pub fn id(&self) -> String {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.make();
        match &*state {
            State::Made { id, .. } => id.to_string(),
            State::Failed(error) => panic!("there is no promise: {error:?}"),
            State::Asked(_) => unreachable!("it was just made"),
        }
    }
}

impl<T> Unpin for External<T> {}

impl<T: DeserializeOwned> Future for External<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.make();
        match state {
            State::Made { operation, id } => match Pin::new(operation).poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(outcome)) => Poll::Ready(codec::decode_outcome(&outcome, id)),
                Poll::Ready(Err(misplaced)) => Poll::Ready(Err(misplaced.into())),
            },
            State::Failed(error) => {
                Poll::Ready(Err(error.take().expect("polled after it was ready")))
            }
            State::Asked(_) => unreachable!("it was just made"),
        }
    }
}

impl<T> fmt::Debug for External<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("External")
    }
}
