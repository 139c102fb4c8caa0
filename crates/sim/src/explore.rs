//! Every interleaving at small scope. A simulation draws some histories out of very many; an
//! exploration goes through all of them, of a world so small that there is an end to it: two or
//! three ids, one or two workers, three steps of time.
//!
//! A [`System`] says what can happen in a state, [`explore`] goes through all that can be reached,
//! and a violation is told with the shortest way to it. There are two: the [machine](Machine),
//! with every request and every internal step, due or not; and the shard, with reads, commits,
//! messages and crashes in any order.

mod choice;
mod finding;
mod machine;
mod requests;
mod rows;
mod search;
mod shard;
mod shortest;
mod system;
mod visited;
mod way;

pub use finding::Finding;
pub use machine::{Check, Machine, Scope};
pub use search::{Coverage, Limits, explore};
pub use shard::{Claim, ShardScope, Shards, World};
pub use system::{Action, Onward, System, Violation};

/// The scopes of the machine.
pub fn machine_scopes() -> Vec<Scope> {
    machine::scopes()
}

/// The scopes of the shard.
pub fn shard_scopes() -> Vec<ShardScope> {
    shard::scopes()
}
