//! Simulation of whole systems, decided by one number.
//!
//! ```
//! use abide_sim::{Setting, run};
//!
//! let once = run(7, &Setting::default()).expect("nothing is broken");
//! let again = run(7, &Setting::default()).expect("nothing is broken");
//! assert_eq!(once.hash, again.hash);
//! ```

pub mod actor;
mod campaign;
pub mod chance;
mod check;
mod client;
mod disk;
pub mod explore;
#[cfg(feature = "faults")]
pub mod faults;
mod page;
mod plan;
pub mod properties;
mod queue;
mod run;
mod setting;
mod shrink;
mod store;
mod trace;
mod worker;
mod world;

pub use campaign::{Campaign, Report};
pub use check::CHECKERS;
pub use page::page;
pub use plan::Dial;
pub use run::{Failure, Run, run};
pub use setting::{Plant, Setting};
pub use shrink::shrink;
pub use world::Counts;
