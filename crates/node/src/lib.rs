//! The tokio shell around the engine: shards, the store driver, routing and wake-ups.
//!
//! A [`Node`] runs the shard over a store. It is the whole of Abide as a library: requests go in by
//! [`Node::call`], messages come out by [`Node::connect`] (to a member of a group) and by
//! [`Node::pushes`] (to be posted). It knows neither HTTP nor JSON.

#![allow(clippy::result_large_err, reason = "a refusal is a response, and moved once")]

#[macro_use]
extern crate abide_faults;

mod asked;
mod caller;
mod clock;
mod config;
mod disk;
mod drive;
mod group;
mod inline;
mod letter;
mod node;
mod outlet;
mod push;
mod receipt;
mod registry;
mod shared;
mod state;
mod subscription;
#[cfg(not(shuttle))]
mod sync;
#[cfg(shuttle)]
pub mod sync;
mod then;
mod timer;
mod writer;

#[cfg(feature = "testing")]
pub mod testing;

pub use abide_engine::{Limits, Receiver};
pub use abide_machine::Config as Timing;
pub use asked::{Answer, Asked};
pub use config::Config;
pub use inline::{Delivery, Inline};
pub use node::{Node, OpenError};
pub use push::{Push, Pushes};
pub use receipt::Receipt;
pub use subscription::Subscription;
