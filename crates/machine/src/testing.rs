//! What tests of the machine, and of whatever drives it, are made of: a [`Model`] that keeps every
//! record in memory, the catalogue of [`properties`], and a generator of steps ([`choose`]).

mod choose;
mod model;
pub mod properties;
mod recorder;
mod scan;

pub use choose::{Choices, choose};
pub use model::Model;
pub use properties::{CATALOGUE, Property, Transition};
pub use recorder::Recorder;
