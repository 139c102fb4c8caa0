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
//! # Ordinary Rust, and Abide
//!
//! `#[durable] async fn f(..) -> Result<T, E>` becomes a function that gives a [`Call<T, E>`](Call).
//! A call is a future: `tokio::join!`, `try_join_all`, `select!`, `FuturesUnordered` and every other
//! combinator work on it as they are, and replay exactly after a crash.
//!
//! | in ordinary Rust | in Abide |
//! |---|---|
//! | `f(x).await` | the same: a durable call, executed here |
//! | `tokio::spawn(f(x))` | [`f(x).spawn()`](Call::spawn): starts now, gives a [`Promise<T>`](Promise) to await later |
//! | a call to another service | [`f(x).on("workers").await`](Call::on): executed by any process of the group; [`rpc::<T>("name", args)`](rpc()) for a function known only by name, in any language |
//! | `tokio::time::sleep(d)` | [`sleep(d)`](sleep()), [`sleep_until(t)`](sleep_until()) |
//! | a oneshot channel | [`promise::<T>()`](promise()): somebody outside settles it by its `.id()`: a person, a webhook, another program |
//! | `SystemTime::now()`, `rand` | [`now()`](now()), [`random()`](random()), [`uuid()`](uuid()): recorded once, the same ever after |
//! | a block with side effects | [`step("charge card", closure)`](step()) |
//! | a variable that a loop changes | [`saved(initial)`](saved()): recovery begins at its last `save()` |
//! | fire and forget | [`f(x).detach()`](Call::detach): outlives its caller |
//! | a connection pool in a `static` | a parameter with `#[state]`, given by [`Abide::state`] |
//! | a cron job | [`Abide::schedule`] |
//!
//! Options are chained before awaiting: [`id`](Call::id), [`timeout`](Call::timeout),
//! [`retry`](Call::retry), [`on`](Call::on), [`tag`](Call::tag),
//! [`cancel_on_drop`](Call::cancel_on_drop). On the attribute they are defaults:
//! [`#[durable(name = "...", version = 2, on = "...", timeout = "1h", retry = ...)]`](durable).
//!
//! [`Abide`] is the way in: [`run`](Abide::run) and [`start`](Abide::start) begin an execution,
//! [`get`](Abide::get) finds one, [`serve`](Abide::serve) makes this process a worker. The module
//! [`client`] reads and settles promises, tasks and schedules. With the feature `test`, the module
//! `test` crashes programs in tests, at every step.
//!
//! # What is guaranteed
//!
//! - A call's **result is recorded exactly once** and never changes. Its body runs at least once:
//!   a crash between doing and recording means doing again. [`idempotency_key`] gives the stable key
//!   to hand to the outside world.
//! - The same root id always means the same execution: running it again attaches to it.
//! - No result is seen by anyone before it is durable.
//! - At most one process drives an execution at a time; one that lost its lease finds out before
//!   it can record anything, and one that was stopped for a while before it goes on at all.
//! - When code and records disagree, the execution stops with [`ErrorKind::Diverged`]; nothing is
//!   overwritten, and after a fix it is continued.
//!
//! What remains for the programmer: time, randomness and the outside world go through [`now`],
//! [`random`], [`uuid`] or a durable call.
//!
//! # What ends when
//!
//! | | |
//! |---|---|
//! | `f(x).await` | ends with its caller; a lost race drops it, and what it called elsewhere goes on |
//! | [`spawn`](Call::spawn) | runs beside its caller, which does not end before it |
//! | [`detach`](Call::detach) | outlives its caller |
//! | [`id`](Call::id) | belongs to nobody: whoever uses the id shares one execution |
//! | [`cancel_on_drop`](Call::cancel_on_drop), [`Promise::cancel`] | is canceled, durably, with everything below it |
//!
//! An execution that is [canceled](Handle::cancel), or times out, ends with all that is below it in
//! every process, but for what was detached or has an id of its own.
//!
//! # Errors
//!
//! A function may have an error type of its own: `Serialize`, `DeserializeOwned` and
//! `From<abide::Error>`. It arrives at the caller as that type, in any process, after any restart.
//!
//! ```
//! use abide::{durable, prelude::{Abide, Retry}};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Serialize, Deserialize)]
//! enum ShopError {
//!     Declined { cents: u64 },
//!     Abide(abide::Error),
//! }
//!
//! impl From<abide::Error> for ShopError {
//!     fn from(error: abide::Error) -> Self {
//!         Self::Abide(error)
//!     }
//! }
//!
//! #[durable(retry = Retry::never())]
//! async fn charge(cents: u64) -> Result<(), ShopError> {
//!     Err(ShopError::Declined { cents })
//! }
//!
//! #[durable]
//! async fn order(cents: u64) -> Result<(), ShopError> {
//!     charge(cents).await
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> abide::Result<()> {
//! let abide = Abide::memory().await?;
//! let error = abide.run("order/1", order(500)).await.unwrap_err();
//! assert!(matches!(error, ShopError::Declined { cents: 500 }));
//! # Ok(()) }
//! ```
//!
//! The kinds of [`Error`] are what a program can act on; its codes are listed in `docs/errors.md`.
//! How failures are retried is said in [`Retry`].
//!
//! # Tests
//!
//! [`Abide::memory`] is an engine that forgets; [`call.plain()`](Call::plain) runs a body without
//! one; the module `test` (feature `test`) runs programs under virtual time, with crashes.
//!
//! Doc tests of edition 2024 are compiled into one program: the durable functions in them have names
//! of their own, or the block is marked `standalone_crate`.

// The doc tests of this crate are one program: a durable function in an example has a name that no
// other example has, or a hidden `name = "..."`. A `World` also wants all their state: such an
// example is a `standalone_crate`.

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
mod hash;
#[cfg(feature = "http")]
pub mod http;
mod id;
mod inputs;
mod json;
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
#[cfg(feature = "sim")]
#[doc(hidden)]
pub mod sim;
mod start;
mod state;
mod step;
mod sweep;
mod task;
#[cfg(feature = "test")]
pub mod test;
#[cfg(all(test, feature = "embedded"))]
mod tests;
mod time;
mod timer;
mod value;
#[cfg(test)]
mod wakes;
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
