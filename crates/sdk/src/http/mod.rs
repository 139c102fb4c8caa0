//! Executions that a server pushes over HTTP, rather than a worker fetching them: for functions
//! behind a URL, on serverless platforms for instance. With the feature `http`.
//!
//! The server posts a message when there is something to do; [`router`] executes it until it ends
//! or is suspended, and then answers. Between two messages nothing has to be alive: the next one
//! may go to another process.
//!
//! ```no_run
//! use abide::prelude::*;
//!
//! #[durable]
//! async fn greet(name: String) -> Result<String> {
//!     Ok(format!("Hello, {name}"))
//! }
//!
//! # async fn run() -> Result<()> {
//! let abide = Abide::connect("https://abide.example.com")
//!     .await?
//!     .address("https://greeter.example.com/abide?secret=kU2JWlWKdGPu")?;
//! let pushed = abide::http::router(&abide)?.secret("kU2JWlWKdGPu");
//! let app = axum::Router::new().route_service("/abide", pushed);
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
//! // Until SIGTERM: then what runs is finished, and the server ends.
//! let ended = async move { drop(abide.serve().await) };
//! axum::serve(listener, app).with_graceful_shutdown(ended).await?;
//! # Ok(()) }
//! ```
//!
//! Whoever calls it names its address:
//! `greet(name).on("https://greeter.example.com/abide?secret=kU2JWlWKdGPu")`.
//!
//! Messages are hints. What is executed and what a promise was settled with is read from the server
//! that the process is connected to, so nobody gains anything by posting made-up messages but to
//! have the process ask; a [secret](Router::secret) spares it that.

mod answer;
mod router;
mod secret;

pub use router::{
    DEFAULT_ANSWER_WITHIN, DEFAULT_MAX_BYTES, Router, RouterBody, RouterFuture, router,
};
