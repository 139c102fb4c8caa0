//! The whole protocol as one pure state machine: `step(pre-state, step, now, config)` gives a
//! response and effects.
//!
//! No I/O, no clock, no randomness, no async, no error type: a refused request is a response, a
//! broken invariant is an assertion. Reads see only the pre-state; the effects are post-images of
//! whole records and are applied together. One step is one transaction.

#![allow(clippy::result_large_err, reason = "a refusal is a response, and moved once")]

#[macro_use]
extern crate abide_faults;

mod armed;
mod config;
mod cron;
mod external;
mod footprint;
mod index;
mod internal;
mod key;
mod moment;
mod outcome;
mod projection;
mod row;
mod search;
mod step;
mod template;
mod view;

pub use armed::armed;
pub use config::{Config, RESUMED_LIMIT};
pub use index::{Reindexing, entries, owner};
pub use key::{DueKind, Entry, Key};
pub use outcome::{Effect, Outcome};
pub use projection::{is_live, promise_at, task_at, verdict};
pub use row::{Phase, Promise, Row, Schedule, Task, Unblock};
pub use search::{Page, promise_matches, schedule_matches, task_matches};
pub use step::{Internal, Step, step, step_checked};
pub use view::View;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
