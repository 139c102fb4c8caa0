//! Tests of durable programs: the real engine in memory, under virtual time, with crashes, lost
//! messages and frozen processes, all of it decided by one number.
//!
//! A [`World`] holds an engine that outlives the processes of a program. It runs the program again
//! and again, in the thread of the test, and lets something go wrong each time:
//!
//! ```
//! use std::time::Duration;
//!
//! use abide::prelude::*;
//! use abide::test::World;
//!
//! #[durable]
//! async fn charge(cents: u32) -> Result<u32> {
//!     Ok(cents)
//! }
//!
//! #[durable]
//! async fn order(items: u32) -> Result<u32> {
//!     let mut total = 0;
//!     for n in 1..=items {
//!         total += charge(n).await?;
//!         sleep(Duration::from_secs(24 * 3_600)).await?;
//!     }
//!     Ok(total)
//! }
//!
//! // #[test]
//! fn order_survives_every_crash() {
//!     World::new().crash_at_every_step().run(|abide| async move {
//!         assert_eq!(abide.run("order/1", order(3)).await?, 6);
//!         Ok(())
//!     });
//! }
//! # order_survives_every_crash();
//! ```

mod describe;
mod engine;
mod failures;
mod faults;
mod judge;
mod limits;
mod link;
mod members;
mod network;
mod notes;
mod plan;
pub(crate) mod process;
mod report;
mod run;
mod sim;
mod stuck;
mod trace;
mod world;

pub use notes::{crash_once, note, now};
pub use report::{Record, Report, Run};
pub use world::World;
