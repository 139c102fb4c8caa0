use std::sync::Arc;

use abide_node::Node;
use abide_protocol::Extensions;
use tokio::sync::watch;

use crate::{auth::Token, cors::Cors, metrics::Metrics, options::Limits};

/// What every handler shares.
pub(crate) struct App {
    pub(crate) node: Node,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) token: Token,
    pub(crate) cors: Cors,
    pub(crate) limits: Limits,
    /// What is served beyond the protocol.
    pub(crate) extensions: Extensions,
    /// Where workers reach the API.
    pub(crate) url: Arc<str>,
    /// Turns true when the server is asked to end.
    pub(crate) closing: watch::Receiver<bool>,
}
