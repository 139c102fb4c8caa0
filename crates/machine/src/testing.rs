//! What tests of the machine, and of whatever drives it, are made of: a [`Model`] that keeps every
//! record in memory, the catalogue of properties, and a generator of steps ([`choose`]).

mod answered;
mod area;
mod broken;
mod cases;
mod check;
mod choose;
mod follower;
pub mod histories;
mod model;
mod near;
mod parts;
mod properties;
mod recorder;
mod scan;
mod script;
mod state;
mod taken;
mod tally;
mod told;
mod transition;

pub use answered::Answered;
pub use area::Area;
pub use broken::Broken;
pub use cases::Cases;
pub use check::verify_rows;
pub use choose::{Choices, choose};
pub use follower::Follower;
pub use model::Model;
pub use properties::{Property, Subject, catalogue};
pub use recorder::Recorder;
pub use script::{Script, Turn};
pub use state::{Sight, State};
pub use taken::Taken;
pub use tally::Tally;
pub use told::Told;
pub use transition::{Change, Transition};
