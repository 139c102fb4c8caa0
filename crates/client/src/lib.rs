//! The link to an engine: requests go in, responses and messages come out.
//!
//! What speaks the protocol (the SDK, the command line, a benchmark) holds an `Arc<dyn Link>` and
//! does not know whether the engine is a server behind HTTP ([`HttpLink`]) or a node of its own
//! process (`NodeLink`, with the feature `node`).

mod answer;
mod backoff;
mod batch;
mod bundle;
mod connection;
mod connector;
mod error;
mod events;
mod http_link;
mod lanes;
mod link;
mod lookout;
mod messages;
#[cfg(feature = "node")]
mod node_link;
mod path;
mod poll;
mod pool;
mod route;

pub use backoff::Backoff;
pub use error::LinkError;
pub use events::{EventTooLong, Events, MAX_EVENT_BYTES};
pub use http_link::{DEFAULT_TIMEOUT, HttpLink, MAX_RESPONSE_BYTES};
pub use link::{BatchFuture, Link, LinkFuture, one_by_one};
pub use messages::Messages;
#[cfg(feature = "node")]
pub use node_link::NodeLink;
pub use path::segment;
