/// Why no answer came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The URL cannot be used; it will not get better by trying again.
    #[error("the URL {url:?} cannot be used: {reason}")]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection could be made: the request was not carried out.
    #[error("no connection to {url}: {reason}")]
    Unreachable {
        /// The server.
        url: String,
        /// What failed.
        reason: String,
    },
    /// The request was sent and no answer came: it may or may not have been carried out.
    #[error("the connection to {url} was interrupted: {reason}")]
    Interrupted {
        /// The server.
        url: String,
        /// What failed.
        reason: String,
    },
    /// Something answered that does not speak this protocol.
    #[error("{url} does not answer as an Abide server: {reason}")]
    Unreadable {
        /// The server.
        url: String,
        /// What was found.
        reason: String,
    },
}

impl LinkError {
    /// Whether the same request may succeed later: the server or the way to it was down.
    pub fn is_transient(&self) -> bool {
        matches!(self, LinkError::Unreachable { .. } | LinkError::Interrupted { .. })
    }
}
