//! Worker processes within a simulation: the driver and the worker as they ship, with a clock, a
//! runtime and a way to the engine that somebody else decides. For the simulator of this
//! repository, not for users: it may change at any time.
//!
//! A [`Process`] is one life of a worker process. It does nothing by itself: whoever runs it says
//! what time it is, hands it answers and messages, and carries out what it [wants](Wanted). It
//! executes random [`Programs`], those of the proof of the core, and [`Programs::check`] judges
//! what they have left behind by the oracle of that proof: whether there is a run without a crash
//! that would have left the same.

mod alone;
mod executor;
mod link;
mod process;
mod programs;
mod tale;
pub(crate) mod task;
#[cfg(all(test, feature = "embedded"))]
mod tests;
pub(crate) mod time;

use std::task::Waker;

pub use alone::Alone;
pub use executor::{Clock, Ran};
pub use link::Wanted;
pub use process::{Choices, Process};
pub use programs::Programs;

/// Whether a simulated process is running.
pub(crate) fn is_running() -> bool {
    executor::Executor::current().is_some()
}

/// Has somebody woken when nothing else is ready; false where there is no simulation.
pub(crate) fn give_way(waker: &Waker) -> bool {
    let current = executor::Executor::current();
    current.inspect(|executor| executor.give_way(waker)).is_some()
}
