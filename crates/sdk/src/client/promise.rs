//! A promise, as it was when it was looked at.

use std::{fmt, sync::Arc, time::SystemTime};

use abide_protocol as protocol;
use serde::de::DeserializeOwned;

use super::Status;
use crate::{
    clock,
    codec::{self, Layers, Part, Slot, Unreadable},
    error::{Error, Result},
    payload::Invocation,
    wire,
};

/// A promise, as it was when it was looked at: that of an execution, of a step of one, of a timer,
/// or one that somebody outside settles.
///
/// ```
/// # use abide::{client::Status, prelude::*};
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let hour = Duration::from_secs(3_600);
/// abide.promises().create::<u64>("bid/1").timeout(hour).tag("lot", "7").await?;
/// let bid = abide.promises().resolve("bid/1", &500).await?;
/// assert_eq!((bid.id(), bid.status(), bid.tag("lot")), ("bid/1", Status::Resolved, Some("7")));
/// assert!(bid.settled_at() >= Some(bid.created_at()) && bid.settled_at() < bid.deadline());
/// assert_eq!(bid.result::<u64>().unwrap()?, 500);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PromiseRecord {
    record: Arc<protocol::PromiseRecord>,
    layers: Layers,
}

impl PromiseRecord {
    pub(super) fn new(record: Arc<protocol::PromiseRecord>, layers: &Layers) -> Self {
        Self { record, layers: layers.clone() }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        self.record.state.into()
    }

    /// The function that it is a call of; `None` if it is none, or cannot be read here.
    pub fn function(&self) -> Option<String> {
        Some(self.invocation()?.func)
    }

    /// The arguments of the function.
    ///
    /// # Errors
    /// When it is no call, or the arguments are of other types.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// #[durable]
    /// async fn add(a: u32, b: u32) -> Result<u32> {
    ///     Ok(a + b)
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.run("add/1", add(1, 2)).await?;
    /// let promise = abide.promises().get("add/1").await?;
    /// assert_eq!(promise.function().as_deref(), Some("add"));
    /// assert_eq!(promise.arguments::<(u32, u32)>()?, (1, 2));
    /// # Ok(()) }
    /// ```
    pub fn arguments<A: DeserializeOwned>(&self) -> Result<A> {
        let invocation = self.invocation().ok_or_else(|| {
            Error::misuse("not_a_function", "it is no call of a function").of(self.id())
        })?;
        serde_json::from_str(&invocation.array())
            .map_err(|error| Error::payload("cannot decode the arguments", error).of(self.id()))
    }

    /// What it was created with by [`NewPromise::param`](super::NewPromise::param), or by another
    /// language.
    ///
    /// # Errors
    /// When it is of another type, or cannot be read here.
    pub fn param<T: DeserializeOwned>(&self) -> Result<T> {
        let slot = Slot { promise: self.id(), part: Part::Param };
        let json = self.layers.read(slot, &self.record.param);
        let json = json.map_err(|why| Unreadable::into_error(why).of(self.id()))?;
        serde_json::from_str(json.as_deref().unwrap_or("null"))
            .map_err(|error| Error::payload("cannot decode the parameter", error).of(self.id()))
    }

    /// What it was settled with, or `None` while it is pending.
    pub fn result<T: DeserializeOwned>(&self) -> Option<Result<T>> {
        self.result_or()
    }

    /// What it was settled with, with an error type of one's own.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// enum Refusal { Declined, Abide(Error) }
    /// # impl From<Error> for Refusal { fn from(error: Error) -> Self { Self::Abide(error) } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.promises().create::<u64>("bid/2").await?;
    /// let bid = abide.promises().reject("bid/2", &Refusal::Declined).await?;
    /// assert!(matches!(bid.result_or::<u64, Refusal>(), Some(Err(Refusal::Declined))));
    /// # Ok(()) }
    /// ```
    pub fn result_or<T, E>(&self) -> Option<Result<T, E>>
    where
        T: DeserializeOwned,
        E: DeserializeOwned + From<Error>,
    {
        let outcome = wire::outcome(&self.layers, &self.record)?;
        Some(codec::decode_outcome(&outcome, self.id()))
    }

    /// When it was created.
    pub fn created_at(&self) -> SystemTime {
        clock::time(self.record.created_at)
    }

    /// When it is settled at the latest; `None` if it may take for ever.
    pub fn deadline(&self) -> Option<SystemTime> {
        (self.record.timeout_at < clock::FOREVER).then(|| clock::time(self.record.timeout_at))
    }

    /// When it was settled.
    pub fn settled_at(&self) -> Option<SystemTime> {
        self.record.settled_at.map(clock::time)
    }

    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.record.tags.get(name)
    }

    /// All its tags, in the order of their names. Those that begin with `resonate:` or `abide:`
    /// mean something to the engine.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.record.tags.iter()
    }

    fn invocation(&self) -> Option<Invocation> {
        Invocation::read(&self.layers, &self.record).ok()?
    }
}

impl fmt::Debug for PromiseRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PromiseRecord({}, {})", self.id(), self.status())
    }
}
