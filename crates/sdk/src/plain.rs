//! Durable functions as plain async functions, for unit tests.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use abide_protocol::Id;
use serde::de::DeserializeOwned;
use tokio::{sync::oneshot, task::JoinSet};

use crate::{
    call::Call,
    clock,
    core::{
        ambient,
        ask::{Ask, Deadline, Kind},
        outcome::Outcome,
    },
    error::{Error, Result},
    state::{self, State},
};

tokio::task_local! {
    /// The function that runs plainly right now.
    static HERE: Arc<Frame>;
}

/// A call that runs as plain async code, without an engine; made by [`Call::plain`].
#[must_use = "a call does nothing until it is awaited"]
pub struct Plain<T, E = Error> {
    call: Call<T, E>,
    state: State,
}

impl<T, E> Call<T, E> {
    /// Runs the body as plain async code, without an engine, and records nothing: for unit tests
    /// of a function, where tests of a program run an engine in memory.
    ///
    /// Durable calls within it run plainly too, each once: a failure is not retried. `sleep` is
    /// tokio's, so a paused clock passes it at once. What only an engine can do is an error: a
    /// promise that somebody outside settles, a function that is known only by its name.
    ///
    /// ```
    /// use abide::prelude::*;
    ///
    /// #[durable]
    /// async fn remaining(n: u32) -> Result<String> {
    ///     Ok(format!("{n} to go"))
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// assert_eq!(remaining(3).plain().await?, "3 to go");
    /// # Ok(()) }
    /// ```
    pub fn plain(self) -> Plain<T, E> {
        Plain { call: self, state: State::default() }
    }
}

impl<T, E> Plain<T, E> {
    /// Gives a value for parameters with `#[state]`, as [`Abide::state`](crate::Abide::state)
    /// does.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// #[derive(Clone)]
    /// struct Prices(u64);
    ///
    /// #[durable]
    /// async fn price(#[state] prices: Prices, pieces: u64) -> Result<u64> {
    ///     Ok(prices.0 * pieces)
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// assert_eq!(price(14).plain().state(Prices(3)).await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn state<S: Clone + Send + Sync + 'static>(mut self, value: S) -> Self {
        self.state.insert(value);
        self
    }
}

impl<T, E> IntoFuture for Plain<T, E>
where
    T: DeserializeOwned + 'static,
    E: DeserializeOwned + From<Error> + 'static,
{
    type Output = Result<T, E>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { call, state } = self;
        Box::pin(async move {
            if ambient::current().is_some() {
                let text = "`.plain()` is for tests: within an execution nothing of it would be \
                            recorded; leave it out";
                return Err(Error::misuse("plain_inside", text).into());
            }
            let top = Arc::new(Frame::default());
            state::within(state, HERE.scope(top, call)).await
        })
    }
}

impl<T, E> fmt::Debug for Plain<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plain({:?})", self.call)
    }
}

/// A function that runs plainly.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// Its id; of the top one, which is no function, none.
    pub(crate) id: Arc<str>,
    /// The fingerprint of its arguments.
    pub(crate) fingerprint: u64,
    children: AtomicU32,
    /// What it spawned and has to wait for.
    spawned: Mutex<JoinSet<()>>,
}

/// The function that runs plainly right now, if one does.
pub(crate) fn current() -> Option<Arc<Frame>> {
    HERE.try_with(Arc::clone).ok()
}

/// A durable call that is made plainly.
pub(crate) struct Running(Pin<Box<dyn Future<Output = Outcome> + Send>>);

impl Future for Running {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl Frame {
    /// Makes a call here.
    pub(crate) fn call(&self, ask: Arc<Ask>) -> Running {
        Running(Box::pin(self.child(&ask).make(ask)))
    }

    /// Makes a call beside its caller, and gives its id.
    pub(crate) fn spawn(&self, ask: Arc<Ask>) -> (Running, Arc<str>) {
        let child = self.child(&ask);
        let id = child.id.clone();
        // Nobody will settle it, but its id may be handed on.
        if ask.kind == Kind::Promise {
            return (Running(Box::pin(child.make(ask))), id);
        }
        let given = state::current();
        let (sender, receiver) = oneshot::channel();
        let mut spawned = self.spawned.lock().unwrap_or_else(PoisonError::into_inner);
        spawned.spawn(async move {
            let outcome = state::within(given, child.make(ask)).await;
            // Whoever dropped the promise wants no result.
            let _ = sender.send(outcome);
        });
        let outcome = async move { receiver.await.unwrap_or(Outcome::Canceled(None)) };
        (Running(Box::pin(outcome)), id)
    }

    fn child(&self, ask: &Ask) -> Self {
        let ordinal = self.children.fetch_add(1, Ordering::Relaxed) + 1;
        let id = match &*self.id {
            "" => "plain".into(),
            id => format!("{id}{}{ordinal}", Id::separator(id)).into(),
        };
        Self { id, fingerprint: ask.fingerprint, ..Self::default() }
    }

    async fn make(self, ask: Arc<Ask>) -> Outcome {
        let within = match (ask.kind, ask.options.deadline) {
            (Kind::Timer | Kind::Save, _) | (_, None) => None,
            (_, Some(deadline)) => Some(until(deadline)),
        };
        let done = self.carry_out(ask);
        match within {
            None => done.await,
            Some(span) => tokio::time::timeout(span, done).await.unwrap_or(Outcome::TimedOut),
        }
    }

    async fn carry_out(self, ask: Arc<Ask>) -> Outcome {
        match (ask.kind, &ask.body, ask.options.deadline) {
            (Kind::Timer, _, Some(deadline)) => {
                tokio::time::sleep(until(deadline)).await;
                Outcome::Resolved(None)
            }
            (Kind::Save, ..) => Outcome::Resolved(None),
            (_, Some(body), _) => {
                let frame = Arc::new(self);
                let body = body();
                HERE.scope(frame.clone(), async move {
                    let end = body.await;
                    frame.join().await;
                    end.outcome
                })
                .await
            }
            _ => {
                let text = format!(
                    "a {} {:?} needs an engine, and `.plain()` has none: test this with \
                     `Abide::memory()`, or with `abide::test`",
                    ask.kind, ask.func
                );
                Error::misuse("needs_engine", text).into_outcome()
            }
        }
    }

    /// Waits for what was spawned. A panic there is one here, as in any test.
    async fn join(&self) {
        let mut spawned =
            std::mem::take(&mut *self.spawned.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some(joined) = spawned.join_next().await {
            if let Err(error) = joined
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }
}

fn until(deadline: Deadline) -> Duration {
    match deadline {
        Deadline::After(span) => span,
        Deadline::At(at) => clock::until(at),
    }
}
