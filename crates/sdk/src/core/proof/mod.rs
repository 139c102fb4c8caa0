//! The proof of the rules: random programs over real combinators, random completion orders, a
//! crash after any durable write or after every one, and an independent oracle.
//!
//! `ABIDE_PROOF_RUNS` sets how many runs the property test makes, `ABIDE_PROOF_SEED` makes it
//! repeat a single one and print its story.

mod functions;
mod generate;
mod interpret;
mod news;
mod oracle;
mod program;
mod programs;
mod random;
mod rounds;
mod rules;
mod run;
mod segment;
mod world;
