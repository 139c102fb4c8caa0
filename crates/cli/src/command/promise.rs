//! `abide promise`.

mod cancel;
mod create;
mod get;
mod reject;
mod resolve;
mod search;
mod settle;

use clap::Subcommand;

use super::At;
use crate::{exit::Exit, fault::Fault};

/// Read, create and settle durable promises
#[derive(Debug, Subcommand)]
pub(crate) enum Promise {
    /// Show a promise
    Get(At<get::Get>),
    /// Create a promise that somebody settles later
    Create(At<create::Create>),
    /// Settle a promise with a value
    Resolve(At<resolve::Resolve>),
    /// Settle a promise with an error
    Reject(At<reject::Reject>),
    /// Settle a promise whose result nobody wants any more
    Cancel(At<cancel::Cancel>),
    /// List promises
    Search(At<search::Search>),
}

impl Promise {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        match self {
            Promise::Get(command) => command.run().await,
            Promise::Create(command) => command.run().await,
            Promise::Resolve(command) => command.run().await,
            Promise::Reject(command) => command.run().await,
            Promise::Cancel(command) => command.run().await,
            Promise::Search(command) => command.run().await,
        }
    }
}
