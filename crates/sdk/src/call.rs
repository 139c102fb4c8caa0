//! Calls of durable functions.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use serde::de::DeserializeOwned;

use crate::{
    address, attach, codec,
    core::{
        ask::{Ask, Deadline, Kind},
        operation::Operation,
    },
    error::{Error, Result},
    option,
    promise::Promise,
    retry::Retry,
};

/// A call of a durable function, not made yet.
///
/// It is a future: awaiting it, directly or within any combinator, makes the call, whose result is
/// recorded. Options are chained before that.
///
/// ```
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # fn charge(cents: u64) -> Call<String> { rpc("charge", (cents,)) }
/// # async fn order() -> Result<()> {
/// let receipt = charge(999).on("payments").timeout(Duration::from_secs(60)).await?;
/// # let _ = receipt; Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or spawned"]
pub struct Call<T, E = Error> {
    state: State,
    output: PhantomData<fn() -> Result<T, E>>,
}

/// Why nobody else has what a call asks for.
const UNMADE: &str = "a call that is not made yet belongs to its handle alone";

enum State {
    Asked(Arc<Ask>),
    /// With the id that it was given, if it was, and the name of the function.
    Made {
        operation: Operation,
        id: Option<Arc<str>>,
        func: Arc<str>,
    },
    Failed(Option<Error>),
}

impl<T, E> Call<T, E> {
    pub(crate) fn from_ask(ask: Result<Ask>) -> Self {
        let state = match ask {
            Ok(ask) => State::Asked(Arc::new(ask)),
            Err(error) => State::Failed(Some(error)),
        };
        Self { state, output: PhantomData }
    }

    /// Changes what is asked for, unless `check` says that this makes no sense.
    fn with(
        mut self,
        check: impl FnOnce(&Ask) -> Result<()>,
        change: impl FnOnce(&mut Ask),
    ) -> Self {
        if let State::Asked(ask) = &mut self.state {
            match check(ask) {
                Ok(()) => change(unmade(ask)),
                Err(error) => self.state = State::Failed(Some(error)),
            }
        }
        self
    }

    /// Executed by any process of the group, instead of here. An address (`poll://...`,
    /// `https://...`) is taken as it is.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn charge(cents: u64) -> Call<String> { rpc("charge", (cents,)) }
    /// # async fn example() -> Result<String> {
    /// charge(999).on("payments").await
    /// # }
    /// ```
    pub fn on(self, group: &str) -> Self {
        self.with(
            |ask| option::is_function(ask, "executed elsewhere"),
            |ask| {
                ask.kind = Kind::Remote;
                ask.options.target = Some(address::group(group));
            },
        )
    }

    /// Fails with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when it takes longer. A call
    /// never outlives its caller's deadline, unless it is [detached](Self::detach).
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # use std::time::Duration;
    /// # fn quote(shop: &str) -> Call<u64> { rpc("quote", (shop,)) }
    /// # async fn example() -> Result<Option<u64>> {
    /// match quote("corner").timeout(Duration::from_secs(5)).await {
    ///     Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),    // we do without
    ///     price => price.map(Some),
    /// }
    /// # }
    /// ```
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(option::is_no_timer, |ask| ask.options.deadline = Some(Deadline::After(timeout)))
    }

    /// How a failure is retried, instead of what the function says itself. With this, a function
    /// is retried even if it makes durable calls: it begins again from the top, or from its last
    /// save point ([`saved`](crate::saved)). The number of the attempt survives crashes, and nothing
    /// is held while it waits.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # use std::time::Duration;
    /// # fn charge(cents: u64) -> Call<String> { rpc("charge", (cents,)) }
    /// # async fn example() -> Result<String> {
    /// charge(999).retry(Retry::fixed(Duration::from_secs(5)).attempts(3)).await
    /// # }
    /// ```
    pub fn retry(self, retry: Retry) -> Self {
        self.with(option::is_no_timer, |ask| {
            ask.options.retry = Some(retry);
            ask.options.retry_chosen = true;
        })
    }

    /// A tag of the promise, to find it by.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable] async fn ship(order: u64) -> Result<()> { let _ = order; Ok(()) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.run("ship/7", ship(7).tag("customer", "ada")).await?;
    /// let hers = abide.promises().search().tag("customer", "ada").stream().all().await?;
    /// assert_eq!(hers[0].id(), "ship/7");
    /// # Ok(()) }
    /// ```
    pub fn tag(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(
            |_| Ok(()),
            |ask| {
                ask.options.tags.insert(name.into(), value.into());
            },
        )
    }

    /// An id of its own, which makes it an execution of its own: whoever asks for it by this id, in
    /// whatever execution, attaches to the one that is there, or starts it. It outlives its callers
    /// and is not canceled with them. It is executed by the group it is sent to by
    /// [`on`](Self::on), or else by the group of the caller.
    ///
    /// The call fails with the code `id_in_use` when the id belongs to another function or to other
    /// arguments.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn warm_up(user: u64) -> Call<u64> { rpc("warm_up", (user,)) }
    /// # async fn visit(user: u64) -> Result<u64> {
    /// // Many visits, one warm-up.
    /// warm_up(user).id(&format!("warm-up/{user}")).await
    /// # }
    /// ```
    pub fn id(self, id: &str) -> Self {
        self.with(
            |ask| option::is_function(ask, "given an id"),
            |ask| ask.options.id = Some(id.into()),
        )
    }

    /// Canceled, durably, when it is dropped before it is settled: what lost a `select!` and runs
    /// elsewhere stops, and so does everything below it. Without this it is left to finish.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # use std::time::Duration;
    /// # fn quote(shop: &str) -> Call<u64> { rpc("quote", (shop,)) }
    /// # async fn cheapest() -> Result<u64> {
    /// select! {
    ///     price = quote("here").on("shops").cancel_on_drop() => price,
    ///     _ = sleep(Duration::from_secs(5)).cancel_on_drop() => Ok(0),
    /// }
    /// # }
    /// ```
    pub fn cancel_on_drop(self) -> Self {
        self.with(|_| Ok(()), |ask| ask.options.cancel_on_drop = true)
    }

    /// The call as it is to be started from outside, at the root of an execution.
    pub(crate) fn into_ask(self) -> Result<Ask> {
        self.into_unmade().map(|ask| Arc::into_inner(ask).expect(UNMADE))
    }

    fn into_unmade(self) -> Result<Arc<Ask>> {
        match self.state {
            State::Asked(ask) => Ok(ask),
            State::Made { .. } => Err(Error::misuse("made", "the call is made already")),
            State::Failed(error) => Err(error.unwrap_or_else(taken)),
        }
    }

    fn make(mut ask: Arc<Ask>) -> State {
        let (id, func) = (unmade(&mut ask).options.id.take(), ask.func.clone());
        let may = option::has_a_place(&ask);
        let made = may.and_then(|()| match &id {
            Some(id) => {
                option::can_be_sent(&ask)?;
                attach::child(Arc::into_inner(ask).expect(UNMADE), id).map(Arc::new)
            }
            None => Ok(ask),
        });
        match made {
            Ok(ask) => State::Made { operation: Operation::new(ask), id, func },
            Err(error) => State::Failed(Some(error)),
        }
    }
}

impl<T, E> Call<T, E>
where
    T: DeserializeOwned,
    E: DeserializeOwned + From<Error>,
{
    /// Starts it now, beside its caller, to be awaited later or not at all. The caller does not
    /// end before it does.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn weigh(part: &str) -> Call<u64> { rpc("weigh", (part,)) }
    /// # async fn example() -> Result<u64> {
    /// let (left, right) = (weigh("left").spawn(), weigh("right").spawn());    // both have begun
    /// Ok(left.await? + right.await?)
    /// # }
    /// ```
    pub fn spawn(self) -> Promise<T, E> {
        Self::begin(self.into_unmade())
    }

    /// Fire and forget: starts it now, as an execution of its own that outlives its caller and is
    /// not canceled with it. It is executed by the group it is sent to by [`on`](Self::on), or else
    /// by the group of its caller. The promise may be awaited or dropped.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn send_receipt(order: u64) -> Call<()> { rpc("send_receipt", (order,)) }
    /// # async fn order(id: u64) -> Result<()> {
    /// send_receipt(id).detach();
    /// # Ok(()) }
    /// ```
    pub fn detach(self) -> Promise<T, E> {
        let ask = self.into_unmade().and_then(|mut ask| {
            option::is_function(&ask, "detached")?;
            unmade(&mut ask).kind = Kind::Detached;
            Ok(ask)
        });
        Self::begin(ask)
    }

    fn begin(ask: Result<Arc<Ask>>) -> Promise<T, E> {
        match ask.map(Self::make) {
            Ok(State::Made { mut operation, id, .. }) => {
                let own = operation.begin().map_err(Error::from);
                Promise::new(operation, own.map(|own| id.unwrap_or(own)))
            }
            Ok(State::Failed(error)) => Promise::failed(error.unwrap_or_else(taken)),
            Ok(State::Asked(_)) => unreachable!("it was just made"),
            Err(error) => Promise::failed(error),
        }
    }
}

fn unmade(ask: &mut Arc<Ask>) -> &mut Ask {
    Arc::get_mut(ask).expect(UNMADE)
}

fn taken() -> Error {
    Error::misuse("taken", "the error of the call was taken already")
}

impl<T, E> Unpin for Call<T, E> {}

impl<T, E> Future for Call<T, E>
where
    T: DeserializeOwned,
    E: DeserializeOwned + From<Error>,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Asked(_) = &self.state {
            let asked = std::mem::replace(&mut self.state, State::Failed(None));
            let State::Asked(ask) = asked else { unreachable!("it was just seen") };
            self.state = Self::make(ask);
        }
        match &mut self.state {
            State::Made { operation, id, func } => match Pin::new(operation).poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(outcome)) => {
                    Poll::Ready(codec::decode_outcome(&outcome, id.as_ref().unwrap_or(func)))
                }
                Poll::Ready(Err(misplaced)) => Poll::Ready(Err(Error::from(misplaced).into())),
            },
            State::Failed(error) => {
                Poll::Ready(Err(error.take().expect("polled after it was ready").into()))
            }
            State::Asked(_) => unreachable!("it was made above"),
        }
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Asked(ask) => write!(f, "Call({ask:?})"),
            State::Made { func, .. } => write!(f, "Call({func}, made)"),
            State::Failed(error) => write!(f, "Call({error:?})"),
        }
    }
}
