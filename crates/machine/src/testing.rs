//! What tests of the machine, and of whatever drives it, are made of: a [`Model`] that keeps every
//! record in memory, the catalogue of [`properties`], and a generator of steps ([`choose`]).

mod broken;
mod cases;
mod choose;
mod follower;
mod model;
pub mod properties;
mod recorder;
mod scan;
mod state;
mod taken;
mod tally;
mod transition;

pub use broken::Broken;
pub use cases::Cases;
pub use choose::{Choices, choose};
pub use follower::Follower;
pub use model::Model;
pub use properties::{Area, Property, catalogue};
pub use recorder::Recorder;
pub use state::{Sight, State};
pub use taken::Taken;
pub use tally::Tally;
pub use transition::{Change, Transition};
