//! Simulation of whole systems, decided by one number.

pub mod actor;
pub mod chance;
pub mod explore;
#[cfg(feature = "faults")]
pub mod faults;
