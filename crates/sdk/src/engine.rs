//! The way in: an engine, and this process as a part of it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use abide_client::{DEFAULT_TIMEOUT, HttpLink, Link};
use abide_protocol::{PromiseGet, Request, Status};
use serde::de::DeserializeOwned;

use crate::{
    call::Call,
    core::ask::Kind,
    error::{Error, Result},
    handle::Handle,
    option,
    registry::Registry,
    settings::Settings,
    signals::Signals,
    start, wire,
    worker::{Worker, refused},
};

/// An engine, within this process or behind a URL, and this process as a worker of it. It is cheap
/// to clone; when the last clone is dropped, what runs here stops as in a crash, to be continued
/// by whoever comes next.
///
/// ```
/// use abide::prelude::*;
///
/// #[durable]
/// async fn double(n: u64) -> Result<u64> {
///     Ok(2 * n)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// let abide = Abide::memory().await?;    // or `open`, or `connect`
/// assert_eq!(abide.run("double/21", double(21)).await?, 42);
/// abide.close().await;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Abide {
    link: Arc<dyn Link>,
    settings: Settings,
    worker: Arc<OnceLock<Owner>>,
    #[cfg(feature = "embedded")]
    node: Option<abide_node::Node>,
}

/// Stops the worker when nobody has it any more.
struct Owner(Arc<Worker>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Abide {
    pub(crate) fn new(link: Arc<dyn Link>) -> Result<Self> {
        if let Some(function) = Registry::global().ambiguous() {
            let message = format!(
                "two durable functions are named {:?} at version {}: give one another name, by \
                 #[durable(name = \"...\")]",
                function.name, function.version
            );
            return Err(Error::misuse("two_functions", message));
        }
        Ok(Self {
            link,
            settings: Settings::default(),
            worker: Arc::default(),
            #[cfg(feature = "embedded")]
            node: None,
        })
    }

    #[cfg(feature = "embedded")]
    fn embedded((node, link): (abide_node::Node, Arc<dyn Link>)) -> Result<Self> {
        Ok(Self { node: Some(node), ..Self::new(link)? })
    }

    /// Opens a directory with the engine in it, and makes one if there is none: durable, no
    /// server. One process has it open at a time.
    ///
    /// The engine is part of your program, and as fast as that is built: `lto = "fat"` and
    /// `codegen-units = 1` in its release profile are worth some 30 percent, an allocator such as
    /// `mimalloc` 10 (`docs/performance.md`).
    ///
    /// ```no_run
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// let abide = Abide::open("shop.abide").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the directory cannot be opened, or another process has it open.
    #[cfg(feature = "embedded")]
    pub async fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::embedded(crate::open::directory(path.as_ref()).await?)
    }

    /// An engine that forgets everything when the process ends: for tests.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable] async fn triple(n: u64) -> Result<u64> { Ok(3 * n) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// let abide = Abide::memory().await?;
    /// assert_eq!(abide.run("triple/2", triple(2)).await?, 6);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When two functions have one name.
    #[cfg(feature = "embedded")]
    pub async fn memory() -> Result<Self> {
        let memory = Self::embedded(crate::open::memory().await?)?;
        Ok(memory.with(|settings| settings.complete = false))
    }

    /// Connects to a server.
    ///
    /// ```no_run
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// let abide = Abide::connect("http://localhost:8001").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the URL cannot be used or nobody answers there.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, None).await
    }

    async fn connect_with(url: &str, token: Option<&str>) -> Result<Self> {
        let link = HttpLink::with(url, token, DEFAULT_TIMEOUT).map_err(Error::unavailable)?;
        // Whether there is such a promise does not matter, but whether somebody answers.
        let request = Request::PromiseGet(PromiseGet { id: "abide".into() });
        let unavailable = |error: abide_client::LinkError| {
            Error::unavailable(format!("{error}; `abide dev` starts a server"))
        };
        let response = link.call(request).await.map_err(unavailable)?;
        link.negotiate().await.map_err(unavailable)?;
        match response.status {
            Status::Ok | Status::NotFound => Self::new(Arc::new(link)),
            _ => Err(refused(&response)),
        }
    }

    /// What the environment says: `ABIDE_URL` (or `RESONATE_URL`) with `ABIDE_TOKEN` (or
    /// `RESONATE_TOKEN`), or else `ABIDE_DATA`, a directory.
    ///
    /// ```no_run
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// // Started as `ABIDE_URL=http://localhost:8001 shop`, or as `ABIDE_DATA=shop.abide shop`.
    /// let abide = Abide::from_env().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When none of them is set, or what they say does not work.
    pub async fn from_env() -> Result<Self> {
        let var = |names: [&str; 2]| names.iter().find_map(|name| std::env::var(name).ok());
        if let Some(url) = var(["ABIDE_URL", "RESONATE_URL"]) {
            let token = var(["ABIDE_TOKEN", "RESONATE_TOKEN"]);
            return Self::connect_with(&url, token.as_deref()).await;
        }
        #[cfg(feature = "embedded")]
        if let Ok(path) = std::env::var("ABIDE_DATA") {
            return Self::open(path).await;
        }
        Err(Error::unavailable("set ABIDE_URL to a server's URL, or ABIDE_DATA to a directory"))
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self.worker = Arc::default();
        self
    }

    pub(crate) fn worker(&self) -> Arc<Worker> {
        let Owner(worker) = self
            .worker
            .get_or_init(|| Owner(Worker::new(self.link.clone(), self.settings.clone())));
        worker.connect();
        worker.clone()
    }

    /// Whether this process has what its functions need.
    pub(crate) fn ready(&self) -> Result<()> {
        self.settings.ready()
    }

    /// Executes a call under an id and gives its result. The same id always means the same
    /// execution: if there is one already, this waits for it.
    ///
    /// ```
    /// use abide::prelude::*;
    ///
    /// #[durable]
    /// async fn book(seat: String) -> Result<String> {
    ///     Ok(format!("{seat}, ticket {}", uuid().await?))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let ticket = abide.run("seat/12a", book("12a".into())).await?;
    /// let again = abide.run("seat/12a", book("12a".into())).await?;    // it is done already
    /// assert_eq!(ticket, again);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The function's own; or an [`Error`] when the id belongs to another call, the execution was
    /// halted, or the engine cannot be reached.
    pub async fn run<T, E>(&self, id: &str, call: Call<T, E>) -> Result<T, E>
    where
        T: DeserializeOwned + 'static,
        E: DeserializeOwned + From<Error> + 'static,
    {
        self.start(id, call).await.map_err(E::from)?.await
    }

    /// Begins an execution under an id, durably, and does not wait for it.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable] async fn print(pages: u32) -> Result<u32> { Ok(pages) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let printing = abide.start("print/7", print(12)).await?;
    /// println!("{} has begun", printing.id());    // and goes on, whatever happens to this process
    /// assert_eq!(printing.await?, 12);            // or do not wait for it
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the id belongs to another call, or the engine cannot be reached.
    pub async fn start<T, E>(&self, id: &str, call: Call<T, E>) -> Result<Handle<T, E>> {
        let ask = call.into_ask()?;
        if let Some(other) = &ask.options.id {
            let message = format!("the call has two ids, {id} and {other}: give it one");
            return Err(Error::misuse("two_ids", message));
        }
        option::can_be_sent(&ask)?;
        let worker = self.worker();
        if worker.is_closing() {
            return Err(Error::unavailable("this process has closed Abide").of(id));
        }
        match (ask.kind, &ask.options.target) {
            (Kind::Remote, Some(target)) => {
                let create = wire::root(&worker.settings.layers, id, &ask, target);
                let promise = start::elsewhere(&worker, create).await?;
                start::same(&worker, &promise, &ask)?;
            }
            (Kind::Call, _) => {
                self.ready()?;
                start::here(&worker, id, &ask).await?;
            }
            _ => {
                let message = "an execution starts with a durable function: call the rest from one";
                return Err(Error::misuse("not_a_function", message));
            }
        }
        Ok(Handle::new(worker, id.into()))
    }

    /// An execution or a promise by its id, to wait for it or to settle it.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[durable] async fn bind(pages: u32) -> Result<u32> { Ok(pages) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// abide.start("bind/7", bind(12)).await?;
    /// // Somewhere else, some other day:
    /// let pages: u32 = abide.get("bind/7").await?;
    /// # assert_eq!(pages, 12);
    /// # Ok(()) }
    /// ```
    pub fn get<T>(&self, id: &str) -> Handle<T> {
        Handle::new(self.worker(), id.into())
    }

    /// Executes what is sent to this process and its group, until the process is asked to end
    /// (SIGTERM or Ctrl-C); then [closes](Self::close). Asked a second time, it gives back at once
    /// what still runs.
    ///
    /// ```no_run
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// let abide = Abide::connect("http://localhost:8001").await?.group("payments");
    /// abide.serve().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a function lacks its [state](Self::state), or the process cannot wait for signals.
    pub async fn serve(&self) -> Result<()> {
        self.ready()?;
        let worker = self.worker();
        tracing::info!(group = self.settings.group, "serving");
        let mut signals = Signals::new()?;
        signals.next().await;
        tracing::info!("asked to end");
        worker.close(self.settings.drain, signals.next()).await;
        self.close().await;
        Ok(())
    }

    /// Takes no more work, finishes what runs for as long as [`drain`](Self::drain) says, gives back
    /// the rest, and closes the engine if it is in this process.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// let abide = Abide::memory().await?;
    /// // ... as long as the program has something to do, and then:
    /// abide.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn close(&self) {
        if let Some(Owner(worker)) = self.worker.get() {
            worker.close(self.settings.drain, std::future::pending()).await;
        }
        #[cfg(feature = "embedded")]
        if let Some(node) = &self.node {
            node.close().await;
        }
    }
}

impl fmt::Debug for Abide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Abide({})", self.settings.group)
    }
}
