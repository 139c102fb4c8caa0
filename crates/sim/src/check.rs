//! What is checked beside the properties of every step. Each checker knows only what it is told,
//! and nothing of the others.

mod claims;
mod history;
mod ledger;
mod promises;
mod searches;
#[cfg(test)]
mod tests;

pub(crate) use history::{History, Op};
pub(crate) use ledger::{ACKNOWLEDGED, Ledger};

/// Every checker of the simulator, with what it looks at.
pub const CHECKERS: [(&str, &str); 23] = [
    (ledger::ACKNOWLEDGED, "the store after every crash and every loss of power, by its commits"),
    (ledger::WHOLE, "the same: a commit is there whole or not at all"),
    (ledger::FENCED, "commits by the epoch of their claim"),
    (crate::world::PROPERTY, "every step of every shard, by the catalogue and a model beside it"),
    (
        promises::LINEAR,
        "every answer about a promise: it is absent, pending, settled, in this order",
    ),
    (promises::AGREED, "every answer about a promise: all tell of the same one"),
    (promises::JUSTIFIED, "every answer about a promise: somebody has asked for what it tells"),
    (claims::ONCE, "every answer to an acquisition"),
    (claims::HELD, "every answer to whoever acts on a task"),
    (claims::LINEAR, "every answer about a task: its version and its end never go back"),
    (searches::FOUND, "every page of a search: in order, and nothing left out"),
    (history::ORDERED, "every message with several requests"),
    (
        history::UNDERSTOOD,
        "every answer: nothing valid is refused as invalid, nothing is a failure",
    ),
    (crate::world::HEARD, "the quiet time: every promise listened to is heard"),
    (crate::world::OFFERED, "the quiet time: every task that waits is offered"),
    (crate::world::RESTS, "the quiet time: whatever is due is done, whoever waits gets an answer"),
    (crate::world::INDEXED, "the end: the store holds the model's records and their index entries"),
    (crate::world::ENDS, "the number of events"),
    (crate::client::TRUE, "every message to a listener"),
    (crate::worker::EXPLAINED, "what every program of the SDK has left, by the oracle of the core"),
    (crate::worker::HALTED, "every execution of a program of the SDK"),
    (crate::worker::SPINS, "every worker of the SDK"),
    (crate::run::PANICS, "every panic, assertions and overflows included"),
];
