//! A store on the simulated disk: a log with checksums, and a new one at each opening.

mod log;
mod record;
mod watched;

pub(crate) use log::{Death, LogStore};
pub(crate) use watched::Watched;
