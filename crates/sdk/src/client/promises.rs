//! The client for promises.

use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use abide_protocol::{self as protocol, Body, PromiseCreate, PromiseGet, Request, Tags, tag};
use serde::Serialize;

use super::{Found, PromiseRecord, Status, ask, found::Page, unexpected};
use crate::{
    clock,
    codec::{self, Part, Slot},
    core::{ask::Deadline, outcome::Outcome},
    engine::Abide,
    error::Result,
    handle::Handle,
    wire,
    worker::Worker,
};

/// The client for promises; made by [`Abide::promises`].
///
/// ```
/// # use abide::{client::Status, prelude::*};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let promises = abide.promises();
/// promises.create::<u64>("payment/8").await?;
/// let payment = promises.resolve("payment/8", &999).await?;    // or `reject`, or `cancel`
/// assert_eq!(payment.status(), Status::Resolved);
/// assert_eq!(promises.get("payment/8").await?.result::<u64>().unwrap()?, 999);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Promises(Arc<Worker>);

impl Abide {
    /// The client for promises: creates, settles, reads and finds them.
    pub fn promises(&self) -> Promises {
        Promises(self.worker())
    }
}

impl Promises {
    pub(crate) fn new(worker: &Arc<Worker>) -> Self {
        Self(worker.clone())
    }

    /// Creates a promise that somebody settles by its id. If there is one of this id already, this
    /// gives that one.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # use std::time::Duration;
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let payment = abide
    ///     .promises()
    ///     .create::<u64>("payment/7")
    ///     .timeout(Duration::from_secs(3_600))
    ///     .tag("customer", "ada")
    ///     .await?;
    /// payment.resolve(&999).await?;
    /// assert_eq!(payment.await?, 999);
    /// # Ok(()) }
    /// ```
    pub fn create<T>(&self, id: &str) -> NewPromise<T> {
        NewPromise {
            worker: self.0.clone(),
            id: id.to_owned(),
            deadline: None,
            tags: BTreeMap::new(),
            param: Ok(None),
            output: PhantomData,
        }
    }

    /// Reads a promise.
    ///
    /// # Errors
    /// When there is none of this id (code `not_found`), or the engine cannot be reached.
    pub async fn get(&self, id: &str) -> Result<PromiseRecord> {
        let request = Request::PromiseGet(PromiseGet { id: id.into() });
        self.record(request).await.map_err(|error| error.of(id))
    }

    /// Settles a promise with a value, for whoever awaits it. What is settled already stays as it
    /// is; the record says how.
    ///
    /// # Errors
    /// When there is no such promise, or the engine cannot be reached.
    pub async fn resolve<T: Serialize>(&self, id: &str, value: &T) -> Result<PromiseRecord> {
        self.settle(id, Outcome::Resolved(codec::encode(value)?)).await
    }

    /// Settles a promise with an error: an [`Error`](crate::Error), or one of a type that whoever
    /// awaits it expects.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let payment = abide.promises().create::<u64>("payment/10").await?;
    /// abide.promises().reject("payment/10", &Error::permanent("the card has expired")).await?;
    /// assert_eq!(payment.await.unwrap_err().message(), "the card has expired");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub async fn reject<E: Serialize + 'static>(
        &self,
        id: &str,
        error: &E,
    ) -> Result<PromiseRecord> {
        self.settle(id, Outcome::Rejected(codec::encode_error(error))).await
    }

    /// Cancels a promise: nobody is interested any more. An execution is stopped, with all that it
    /// called.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub async fn cancel(&self, id: &str) -> Result<PromiseRecord> {
        self.settle(id, Outcome::Canceled(None)).await
    }

    /// Finds promises. Without any condition it finds all of them.
    ///
    /// ```
    /// # use abide::{client::Status, prelude::*};
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let pending = abide.promises().search().status(Status::Pending).stream().all().await?;
    /// assert!(pending.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn search(&self) -> PromiseSearch {
        let query = protocol::PromiseSearch {
            state: None,
            tags: Tags::default(),
            limit: Some(protocol::limit::PAGE),
            cursor: None,
        };
        PromiseSearch { worker: self.0.clone(), query }
    }

    async fn settle(&self, id: &str, outcome: Outcome) -> Result<PromiseRecord> {
        let settle = wire::settle(&self.0.settings.layers, id.into(), &outcome);
        self.record(Request::PromiseSettle(settle)).await.map_err(|error| error.of(id))
    }

    async fn record(&self, request: Request) -> Result<PromiseRecord> {
        match ask(&self.0, request).await? {
            Body::Promise { promise } => Ok(PromiseRecord::new(promise, &self.0.settings.layers)),
            _ => Err(unexpected("a promise")),
        }
    }
}

impl fmt::Debug for Promises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promises")
    }
}

/// A promise that is about to be created: await it.
///
/// ```
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let promises = abide.promises();
/// let approval = promises
///     .create::<bool>("approval/8")
///     .timeout(Duration::from_secs(7 * 24 * 3_600))
///     .tag("approver", "ada")
///     .param(&("laptop", 1_999))    // what there is to approve
///     .await?;
/// let (what, price): (String, u64) = promises.get(approval.id()).await?.param()?;
/// assert_eq!((what.as_str(), price), ("laptop", 1_999));
/// # Ok(()) }
/// ```
#[must_use = "a promise comes to exist when this is awaited"]
pub struct NewPromise<T> {
    worker: Arc<Worker>,
    id: String,
    deadline: Option<Deadline>,
    tags: BTreeMap<String, String>,
    param: Result<Option<Arc<str>>>,
    output: PhantomData<fn() -> T>,
}

impl<T> NewPromise<T> {
    /// Whoever awaits it gets [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when nobody settles
    /// it in time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.deadline = Some(Deadline::After(timeout));
        self
    }

    /// A tag, to find it by.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    /// What it is created with, for whoever settles it.
    pub fn param(mut self, param: &impl Serialize) -> Self {
        self.param = codec::encode(param);
        self
    }

    async fn create(mut self) -> Result<Handle<T>> {
        let param = self.param?;
        let layers = &self.worker.settings.layers;
        // It is the root of a tree of its own, and times out by itself.
        for name in [tag::ORIGIN, tag::BRANCH, tag::PARENT] {
            self.tags.entry(name.to_owned()).or_insert_with(|| self.id.clone());
        }
        self.tags.entry(tag::SCOPE.to_owned()).or_insert_with(|| "global".to_owned());
        self.tags.entry(tag::EXTERNAL.to_owned()).or_insert_with(|| "true".to_owned());
        let request = Request::PromiseCreate(PromiseCreate {
            id: self.id.as_str().into(),
            timeout_at: wire::deadline(self.deadline, clock::FOREVER),
            param: layers.value(Slot { promise: &self.id, part: Part::Param }, &param),
            tags: Arc::new(Tags::from_iter(self.tags)),
        });
        ask(&self.worker, request).await.map_err(|error| error.of(&self.id))?;
        Ok(Handle::new(self.worker, self.id.into()))
    }
}

impl<T: 'static> IntoFuture for NewPromise<T> {
    type Output = Result<Handle<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.create())
    }
}

impl<T> fmt::Debug for NewPromise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewPromise({})", self.id)
    }
}

/// A search for promises.
///
/// ```
/// # use abide::{client::Status, prelude::*};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let pending = abide.promises().search().status(Status::Pending).tag("approver", "ada");
/// for approval in pending.stream().all().await? {
///     println!("{} waits since {:?}", approval.id(), approval.created_at());
/// }
/// # Ok(()) }
/// ```
#[must_use = "a search asks for nothing until it is streamed"]
#[derive(Clone)]
pub struct PromiseSearch {
    worker: Arc<Worker>,
    query: protocol::PromiseSearch,
}

impl PromiseSearch {
    /// Only those that stand there.
    pub fn status(mut self, status: Status) -> Self {
        self.query.state = Some(status.into());
        self
    }

    /// Only those with this tag. Several tags must all be there.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.tags.insert(&name.into(), &value.into());
        self
    }

    /// What is found.
    pub fn stream(self) -> Found<PromiseRecord> {
        let Self { worker, query } = self;
        Found::pages(move |cursor| {
            let query = protocol::PromiseSearch { cursor, ..query.clone() };
            page(worker.clone(), Request::PromiseSearch(query))
        })
    }
}

async fn page(worker: Arc<Worker>, request: Request) -> Result<Page<PromiseRecord>> {
    match ask(&worker, request).await? {
        Body::Promises { promises, cursor } => {
            let layers = &worker.settings.layers;
            let records = promises.into_iter().map(|promise| PromiseRecord::new(promise, layers));
            Ok((records.collect(), cursor))
        }
        _ => Err(unexpected("a page of promises")),
    }
}

impl fmt::Debug for PromiseSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.query)
    }
}
