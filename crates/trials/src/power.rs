//! Power cuts: a process commits to the embedded store while the shim records its calls, and crash
//! images are built from the recording, opened and compared with a model.

mod campaign;
mod check;
pub mod child;
mod model;
mod recorded;
mod script;

pub use campaign::{Campaign, Report, Size};
