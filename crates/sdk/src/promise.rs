//! Promises of calls that were spawned.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use serde::de::DeserializeOwned;

use crate::{
    codec,
    core::operation::Operation,
    error::{Error, Result},
};

/// The result of a call that was [spawned](crate::Call::spawn) or
/// [detached](crate::Call::detach): await it where it is needed. Dropping it does not stop the
/// call, unless it was made with [`cancel_on_drop`](crate::Call::cancel_on_drop).
///
/// ```
/// # use abide::prelude::*;
/// # fn print_label(order: u64) -> Call<String> { rpc("print_label", (order,)) }
/// # fn pack(order: u64) -> Call<()> { rpc("pack", (order,)) }
/// # async fn example() -> Result<String> {
/// let label: Promise<String> = print_label(7).spawn();
/// println!("{} has begun", label.id());
/// pack(7).await?;    // meanwhile
/// label.await
/// # }
/// ```
pub struct Promise<T, E = Error> {
    state: State,
    output: PhantomData<fn() -> Result<T, E>>,
}

enum State {
    Made { operation: Operation, id: Arc<str> },
    Failed(Option<Error>),
}

impl<T, E> Promise<T, E> {
    pub(crate) fn new(operation: Operation, id: Result<Arc<str>>) -> Self {
        match id {
            Ok(id) => Self { state: State::Made { operation, id }, output: PhantomData },
            Err(error) => Self::failed(error),
        }
    }

    pub(crate) fn failed(error: Error) -> Self {
        Self { state: State::Failed(Some(error)), output: PhantomData }
    }

    /// Its id.
    ///
    /// # Panics
    /// When the call could not be made, outside an execution for instance. Awaiting it gives the
    /// error.
    pub fn id(&self) -> &str {
        match &self.state {
            State::Made { id, .. } => id,
            State::Failed(error) => panic!("there is no promise: {error:?}"),
        }
    }

    /// Cancels the call, durably, with everything below it: nobody is interested any more. What is
    /// settled already stays as it is.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn search(place: &str) -> Call<u32> { rpc("search", (place,)) }
    /// # async fn find() -> Result<u32> {
    /// let there = search("there").spawn();
    /// let here = search("here").await?;
    /// if here > 0 {
    ///     there.cancel();
    ///     return Ok(here);
    /// }
    /// there.await
    /// # }
    /// ```
    pub fn cancel(mut self) {
        if let State::Made { operation, .. } = &mut self.state {
            // It goes with the handle.
            operation.cancel_on_drop();
        }
    }
}

impl<T, E> Unpin for Promise<T, E> {}

impl<T, E> Future for Promise<T, E>
where
    T: DeserializeOwned,
    E: DeserializeOwned + From<Error>,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Made { operation, id } => match Pin::new(operation).poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(outcome)) => Poll::Ready(codec::decode_outcome(&outcome, id)),
                Poll::Ready(Err(misplaced)) => Poll::Ready(Err(Error::from(misplaced).into())),
            },
            State::Failed(error) => {
                Poll::Ready(Err(error.take().expect("polled after it was ready").into()))
            }
        }
    }
}

impl<T, E> fmt::Debug for Promise<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Made { id, .. } => write!(f, "Promise({id})"),
            State::Failed(error) => write!(f, "Promise({error:?})"),
        }
    }
}
