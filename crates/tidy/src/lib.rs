//! The repository's own rules, checked by its tests.
//!
//! Each module is one check: a pure function from what it reads to the list of what is wrong,
//! with tests that feed it something wrong. `tests/repository.rs` runs them all on this
//! repository.

pub mod arrows;
pub mod commands;
pub mod faults;
pub mod links;
pub mod metadata;
pub mod paths;
pub mod purity;
pub mod repository;
pub mod root;
pub mod sources;
pub mod tokens;
pub mod words;

/// What is wrong, one sentence each; empty when all is well.
pub type Problems = Vec<String>;
