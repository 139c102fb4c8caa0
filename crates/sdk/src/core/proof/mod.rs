//! The proof of the rules: random programs over real combinators, random completion orders, a
//! crash after any durable write or after every one, and an independent oracle.
//!
//! `ABIDE_PROOF_RUNS` sets how many runs the property test makes, `ABIDE_PROOF_SEED` makes it
//! repeat a single one and print its story.

mod functions;
pub(crate) mod generate;
pub(crate) mod interpret;
pub(crate) mod left;
#[cfg(test)]
mod news;
pub(crate) mod oracle;
pub(crate) mod program;
#[cfg(test)]
mod programs;
pub(crate) mod random;
mod rounds;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod run;
mod segment;
#[cfg(test)]
mod world;
