use std::{io, net::SocketAddr};

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address is in use, or may not be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The data cannot be opened; the text says why and what to do.
    #[error("cannot open the data: {0}")]
    Open(String),
    /// The threads that serve connections cannot be started.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
    /// An option cannot be used.
    #[error("{0}")]
    Option(String),
}
