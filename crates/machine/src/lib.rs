//! The whole protocol as one pure state machine: `step(pre-state, step, now, config)` gives a
//! response and effects.
//!
//! No I/O, no clock, no randomness, no async, no error type: a refused request is a response, a
//! broken invariant is an assertion. Reads see only the pre-state; the effects are post-images of
//! whole records and are applied together. One step is one transaction.

mod config;
mod index;
mod key;
mod row;

pub use config::Config;
pub use index::entries;
pub use key::{DueKind, Entry, Key};
pub use row::{Phase, Promise, Row, Schedule, Task, Unblock};
