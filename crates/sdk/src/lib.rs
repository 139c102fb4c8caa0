//! Distributed Async Await: async functions and promises that outlive their process.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use abide::prelude::*;
//!
//! #[durable]
//! async fn countdown(from: u32) -> Result<()> {
//!     for n in (1..=from).rev() {
//!         announce(n).await?;                      // a durable call: its result is recorded
//!         sleep(Duration::from_secs(1)).await?;    // a durable timer: nobody has to stay alive
//!     }
//!     Ok(())
//! }
//!
//! #[durable]
//! async fn announce(n: u32) -> Result<()> {
//!     println!("{n}");
//!     Ok(())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let abide = Abide::open("countdown.abide").await?;   // embedded and durable, no server
//!     abide.run("countdown/1", countdown(5)).await         // the id makes it idempotent
//! }
//! ```
//!
//! Kill it after `3` and start it again: it prints `2`. Replace `open(path)` by
//! `connect("http://localhost:8001")` and it runs against a server, with any number of processes.
//!
//! # What is guaranteed
//!
//! - A call's **result is recorded exactly once** and never changes. Its body runs at least once:
//!   a crash between doing and recording means doing again.
//! - The same root id always means the same execution: running it again attaches to it.
//! - No result is seen by anyone before it is durable.
//! - At most one process drives an execution at a time; one that lost its lease finds out before
//!   it can record anything, and one that was stopped for a while before it goes on at all.
//! - When code and records disagree, the execution stops with [`ErrorKind::Diverged`]; nothing is
//!   overwritten, and after a fix it is continued.
//!
//! A [`Call`] is a future: `tokio::join!`, `select!`, `FuturesUnordered` and all other combinators
//! replay exactly. What remains for the programmer: time, randomness and the outside world go
//! through [`now`], [`random`], [`uuid`] or a durable call.

// The expansion of `#[durable]` names this crate, also within it.
extern crate self as abide;

mod address;
mod attach;
mod builder;
mod call;
pub mod client;
mod clock;
pub mod codec;
mod core;
mod driver;
mod engine;
mod error;
mod external;
mod function;
mod handle;
#[cfg(feature = "http")]
pub mod http;
mod id;
mod inputs;
#[cfg(feature = "embedded")]
mod open;
mod option;
mod payload;
mod plain;
pub mod prelude;
mod promise;
mod record;
mod registry;
mod retry;
mod returns;
mod rpc;
mod saved;
mod settings;
mod signals;
mod state;
mod step;
mod sweep;
mod task;
#[cfg(feature = "test")]
pub mod test;
#[cfg(all(test, feature = "embedded"))]
mod tests;
mod timer;
mod value;
mod wire;
mod worker;

pub use abide_macros::durable;
#[doc(hidden)]
pub use tokio::select as __select;

pub use crate::{
    call::Call,
    engine::Abide,
    error::{Error, ErrorKind, Result},
    external::{External, promise},
    handle::Handle,
    id::{attempt, id, idempotency_key},
    plain::Plain,
    promise::Promise,
    retry::Retry,
    returns::CallOf,
    rpc::rpc,
    saved::{Saved, saved},
    step::step,
    timer::{sleep, sleep_until},
    value::{now, random, uuid},
};

/// What the expansion of `#[durable]` uses. Not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::{
        function::{Function, Running, call, run},
        inputs::{Arguments, Inputs, arguments},
        record::{
            Argument, ByContent, ByText, Described, Failure, Recorder, Value, argument, error,
            value,
        },
        registry::Registered,
        returns::Returns,
        state::{Injected, Stateful, state},
    };
}
