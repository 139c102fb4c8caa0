//! Trials of the server as a process.

mod apart;
mod book;
mod clock;
#[cfg(target_os = "linux")]
pub mod clocks;
mod count;
#[cfg(target_os = "linux")]
pub mod disk;
mod ears;
pub mod kill;
mod ledger;
mod load;
mod model;
mod probe;
pub mod programs;
mod pulse;
pub mod receivers;
pub mod recovery;
mod script;
mod server;
mod snapshot;
pub mod stop;
mod summary;
mod trial;
mod usage;
pub mod workers;

use std::time::Duration;

pub use self::{
    server::{Serve, Server},
    summary::Summary,
    trial::Trial,
    usage::Usage,
};

/// How long anything may take before a trial gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);
