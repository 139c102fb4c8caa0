//! Random programs, as the arguments of the functions that run them.

use serde::{Deserialize, Serialize};

/// Something to wait for. All times differ, by more than what goes wrong takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Wait {
    /// A call that is done at once.
    Leaf(u64),
    /// A timer, of that many minutes.
    Sleep(u64),
    /// A function that takes that many minutes.
    Slow(u64, u64),
    /// The same, executed somewhere in this or in the other group.
    Remote(u64, u64, bool),
    /// A function that fails after so many minutes.
    Fail(u64, u64),
    /// One that is not in time, or is.
    Timeout { minutes: u64, limit: u64 },
    /// A function with a program of its own, here or elsewhere.
    Nested(Box<Node>, bool),
    /// A function that fails in attempts before this one, with so many minutes between them.
    Flaky { until: u32, minutes: u64 },
    /// A function with save points, here or elsewhere.
    Loop(Box<Loop>, bool),
}

/// A program that is repeated, with a save point after every so many rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Loop {
    pub(crate) round: Node,
    pub(crate) times: u32,
    pub(crate) every: u32,
    /// In its first attempt it fails after this round, and is tried again after so many minutes.
    pub(crate) fails: Option<(u32, u64)>,
}

/// A program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Node {
    Wait(Wait),
    /// One after the other.
    Seq(Vec<Node>),
    /// `join!`.
    Join(Box<[Node; 2]>),
    /// `try_join!`.
    TryJoin(Box<[Node; 2]>),
    /// `join_all`.
    JoinAll(Vec<Node>),
    /// `try_join_all`.
    TryJoinAll(Vec<Node>),
    /// `select!` of two waits that take minutes, each with what follows.
    Select([Wait; 2], Box<[Node; 2]>),
    /// tokio's own `select!`, which begins anywhere.
    SelectRandomly([Wait; 2], Box<[Node; 2]>),
    /// `buffer_unordered`.
    Buffered(usize, Vec<Wait>),
    /// `FuturesUnordered`, each completion followed by something.
    Unordered(Vec<(Wait, Node)>),
    /// A wait that is kept across the iterations of a loop over `select!`.
    Pinned {
        pinned: Wait,
        minutes: u64,
        times: u32,
    },
    /// Begun now, awaited after the rest.
    Spawn(Wait, Box<Node>),
    /// Two branches that take the same lock, each after a wait.
    Lock([Wait; 2], Box<[Node; 2]>),
    /// Two branches, one waiting for a message of the other.
    Channel(Box<[Node; 3]>),
    /// What follows depends on a value.
    If(Box<[Node; 3]>),
}
