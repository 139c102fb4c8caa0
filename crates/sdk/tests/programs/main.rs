//! Random programs over the real combinators, in worlds where everything goes wrong: each has to
//! give what it gives as ordinary async code.
//!
//! `ABIDE_TEST_SEEDS` says how many programs are tried, `ABIDE_TEST_SEED` repeats one.

mod durable;
mod generate;
mod interpret;
mod node;
mod plain;
mod property;
