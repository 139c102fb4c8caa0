//! The real engine in memory, under virtual time.

pub(crate) mod process;
