//! Executions and promises, from outside.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
};

use abide_protocol::{Id, PromiseRecord, Request, Response, Status, TaskContinue};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::{Promises, Status as Standing},
    codec,
    core::outcome::Outcome,
    error::{Error, Result},
    wire,
    worker::{Lost, Worker},
};

/// An execution or a promise, by its id, seen from outside. Await it for its result.
///
/// ```
/// # use abide::{Handle, client::Status, prelude::*};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let approval: Handle<bool> = abide.promises().create("approval/7").await?;
/// assert!(!approval.is_settled().await?);
///
/// // Somebody else, who knows the id:
/// abide.get("approval/7").resolve(&true).await?;
///
/// assert_eq!(approval.status().await?, Status::Resolved);
/// assert!(approval.await?);
/// # Ok(()) }
/// ```
pub struct Handle<T, E = Error> {
    worker: Arc<Worker>,
    id: Id,
    output: PhantomData<fn() -> Result<T, E>>,
}

impl<T, E> Handle<T, E> {
    pub(crate) fn new(worker: Arc<Worker>, id: Id) -> Self {
        Self { worker, id, output: PhantomData }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Settles it with a value, for whoever awaits it. What is settled already stays as it is.
    ///
    /// # Errors
    /// When there is no such promise, or the engine cannot be reached.
    pub async fn resolve(&self, value: &T) -> Result<()>
    where
        T: Serialize,
    {
        self.settle(Outcome::Resolved(codec::encode(value)?)).await.map(drop)
    }

    /// Settles it with an error.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let payment = abide.promises().create::<u64>("payment/9").await?;
    /// payment.reject(&Error::permanent("the card has expired")).await?;
    /// assert_eq!(payment.await.unwrap_err().message(), "the card has expired");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub async fn reject(&self, error: &E) -> Result<()>
    where
        E: Serialize,
    {
        self.settle(Outcome::Rejected(codec::encode_error(error))).await.map(drop)
    }

    /// Cancels it: nobody is interested any more. An execution is stopped, and so is everything
    /// below it, wherever it runs, except for what was [detached](crate::Call::detach) or has an
    /// [id of its own](crate::Call::id). What is settled already stays as it is.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # use std::time::Duration;
    /// # #[durable] async fn nap() -> Result<()> { sleep(Duration::from_secs(3_600)).await }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let nap = abide.start("nap/1", nap()).await?;
    /// nap.cancel().await?;
    /// assert_eq!(nap.await.unwrap_err().kind(), ErrorKind::Canceled);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve). If the engine is lost midway, cancel it again.
    pub async fn cancel(&self) -> Result<()> {
        let promise = self.settle(Outcome::Canceled(None)).await?;
        self.worker.sweep(&promise).await
    }

    /// Continues an execution that was halted, after the code was fixed for instance.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// // It stopped with `ErrorKind::Diverged`; this process has the fixed code:
    /// abide.get::<()>("order/7").resume().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it is not halted, or the engine cannot be reached.
    pub async fn resume(&self) -> Result<()> {
        let request = Request::TaskContinue(TaskContinue { id: self.id.clone() });
        self.request(request).await.map(drop)
    }

    /// Where it stands right now. Await the handle to wait for its result.
    ///
    /// # Errors
    /// When there is no such promise, or the engine cannot be reached.
    pub async fn status(&self) -> Result<Standing> {
        Ok(Promises::new(&self.worker).get(&self.id).await?.status())
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// As [`status`](Self::status).
    pub async fn is_settled(&self) -> Result<bool> {
        Ok(self.status().await?.is_settled())
    }

    async fn settle(&self, outcome: Outcome) -> Result<Arc<PromiseRecord>> {
        let settle = wire::settle(&self.worker.settings.layers, self.id.clone(), &outcome);
        let response = self.request(Request::PromiseSettle(settle)).await?;
        let promise = response.promise().cloned();
        promise.ok_or_else(|| crate::worker::refused(&response).of(&self.id))
    }

    async fn request(&self, request: Request) -> Result<Response> {
        let answer = self.worker.call(request, self.worker.settings.lease).await;
        let response = answer.map_err(|Lost(error)| error.of(&self.id))?.response;
        match response.status {
            Status::Ok => Ok(response),
            _ => Err(crate::worker::refused(&response).of(&self.id)),
        }
    }
}

impl<T, E> IntoFuture for Handle<T, E>
where
    T: DeserializeOwned + 'static,
    E: DeserializeOwned + From<Error> + 'static,
{
    type Output = Result<T, E>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let outcome = self.worker.wait(&self.id).await.map_err(E::from)?;
            codec::decode_outcome(&outcome, &self.id)
        })
    }
}

impl<T, E> fmt::Debug for Handle<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.id)
    }
}
