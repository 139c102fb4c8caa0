//! The HTTP server: the API, the delivery of messages and the metrics over a node.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use abide_server::{Data, Options, Server};
//! let server = Server::bind(Options::new(Data::Memory)).await?;
//! println!("listening on {}", server.url());
//! server.serve(abide_server::signalled()).await;
//! # Ok(()) }
//! ```

mod api;
mod app;
mod ascii;
mod auth;
mod batch;
mod body;
mod connection;
mod connections;
mod cors;
mod date;
mod error;
mod event_loops;
mod extensions;
mod head;
mod health;
mod intake;
mod line;
mod metrics;
mod open;
mod options;
mod output;
mod payload;
mod poll;
mod posted;
mod posts;
mod push;
mod reply;
mod routes;
mod server;
mod signal;

pub use error::BindError;
pub use options::{
    DEFAULT_METRICS_PORT, DEFAULT_PORT, DEFAULT_RETRY_INTERVAL, Data, Limits, Options, Origins,
};
pub use server::Server;
pub use signal::signalled;
