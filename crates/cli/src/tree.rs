//! The call tree of an execution.

pub(crate) mod draw;
pub(crate) mod fetch;
pub(crate) mod forest;
pub(crate) mod screen;
