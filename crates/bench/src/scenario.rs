//! What is measured, one file each.

pub(crate) mod delivery;
pub(crate) mod pending;
pub(crate) mod soak;
pub(crate) mod start;
pub(crate) mod steady;
