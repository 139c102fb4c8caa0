//! What a process may choose about itself.

use std::time::Duration;

#[cfg(feature = "http")]
use crate::error::{Error, Result};
use crate::{codec::Codec, engine::Abide, settings::SHORTEST_LEASE};

/// What this process is as a worker. Each of these makes a new worker of it, so choose before you
/// run or serve anything.
///
/// ```no_run
/// # use std::time::Duration;
/// # use abide::prelude::*;
/// # async fn example() -> Result<()> {
/// let abide = Abide::connect("http://localhost:8001")
///     .await?
///     .group("payments")
///     .concurrency(16)                       // executions that run at one time
///     .warm(5_000)                           // suspended ones that stay in memory ...
///     .warm_bytes(256 << 20)                 // ... and what they may take there
///     .lease(Duration::from_secs(60))
///     .drain(Duration::from_secs(25));       // less than the supervisor waits
/// abide.serve().await
/// # }
/// ```
impl Abide {
    /// The group of this process; `default` if it names none.
    #[must_use]
    pub fn group(self, name: &str) -> Self {
        self.with(|settings| settings.group = name.to_owned())
    }

    /// How many executions run here at one time; 64 unless said otherwise. What this process starts
    /// by itself runs even beyond that, and is counted.
    #[must_use]
    pub fn concurrency(self, executions: usize) -> Self {
        self.with(|settings| settings.concurrency = executions.max(1))
    }

    /// How many suspended executions stay in memory, to go on without a replay; 1,000 unless said
    /// otherwise. See [`warm_bytes`](Self::warm_bytes) too.
    #[must_use]
    pub fn warm(self, executions: usize) -> Self {
        self.with(|settings| settings.warm = executions)
    }

    /// How many bytes suspended executions may take in memory together; 64 MiB unless said
    /// otherwise. Counted are the futures themselves and what Abide remembers of them; what they
    /// have put on the heap cannot be seen. The longest suspended one makes room first: it takes
    /// no memory at all any more, and is replayed when it goes on.
    #[must_use]
    pub fn warm_bytes(self, bytes: usize) -> Self {
        self.with(|settings| settings.warm_bytes = bytes)
    }

    /// How long a task stays with this process if it is not heard of; 30 seconds unless said
    /// otherwise, and 100 milliseconds at least. It is heard of three times as often.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        self.with(|settings| {
            settings.lease = lease.max(SHORTEST_LEASE);
            settings.heartbeat = settings.lease / 3;
        })
    }

    /// Adds a layer to the payloads that this process writes, around those before; see
    /// [`codec`](crate::codec).
    ///
    /// ```
    /// # #[cfg(feature = "compress")]
    /// # async fn example() -> abide::Result<()> {
    /// use abide::{Abide, codec::Compress};
    ///
    /// let abide = Abide::memory().await?.codec(Compress::default().at_least(4_096));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn codec(self, codec: impl Codec) -> Self {
        self.with(|settings| settings.layers = settings.layers.and(codec))
    }

    /// Where a server reaches this process, if it is one that messages are pushed to: the URL that
    /// [`http::router`](crate::http::router) answers at. It takes the place of the group, and of
    /// the stream of messages. Since the process may be stopped between two messages, no suspended
    /// execution is kept in memory, unless [`warm`](Self::warm) says otherwise after this.
    ///
    /// ```no_run
    /// # use abide::prelude::*;
    /// # async fn example() -> Result<()> {
    /// let abide = Abide::connect("https://abide.example.com")
    ///     .await?
    ///     .address("https://greeter.example.com/abide")?;
    /// let pushed = abide::http::router(&abide)?;    // to be served at that address
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it is not an `http://` or `https://` URL.
    #[cfg(feature = "http")]
    pub fn address(self, url: &str) -> Result<Self> {
        match abide_protocol::Address::parse(url) {
            Ok(abide_protocol::Address::Http(_)) => {}
            _ => {
                let message = format!("{url:?} is no http:// or https:// URL to push messages to");
                return Err(Error::misuse("address", message));
            }
        }
        Ok(self.with(|settings| {
            settings.address = Some(url.to_owned());
            settings.warm = 0;
        }))
    }

    /// How long [`serve`](Self::serve) and [`close`](Self::close) wait for what runs; 10 seconds
    /// unless said otherwise. For the first second executions go on to their end, after that to
    /// their next step; what runs even longer is given back in the middle of a step, and done again
    /// by another process. Whoever ends this process (a supervisor, an orchestrator) must wait for
    /// longer than this before it kills it.
    #[must_use]
    pub fn drain(self, drain: Duration) -> Self {
        self.with(|settings| settings.drain = drain)
    }
}
