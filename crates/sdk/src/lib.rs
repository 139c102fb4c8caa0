//! Distributed Async Await: async functions and promises that outlive their process.

mod codec;
mod core;
mod error;
mod retry;

pub use error::{Error, ErrorKind, Result};
pub use retry::Retry;
