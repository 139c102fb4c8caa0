//! Random programs.

use std::sync::Arc;

/// A call: what is asked for, from which line.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) what: What,
    pub(crate) site: u32,
    /// Whether it is canceled when it is dropped.
    pub(crate) cancel: bool,
}

/// What a call asks for.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A function without calls of its own.
    Leaf(u64),
    /// One that fails, for good or until it is given up.
    Fail { arg: u64, permanent: bool },
    /// A named closure.
    Step(u64),
    /// A function somewhere else.
    Remote(u64),
    /// A timer.
    Sleep(u64),
    /// A function with a program of its own.
    Nested(u64, Arc<Node>),
    /// A function somewhere else that outlives its caller.
    Detached(u64),
    /// A function without calls of its own that fails until this attempt.
    Flaky { arg: u64, until: u32 },
    /// A function with save points.
    Loop(u64, Arc<Loop>),
}

impl What {
    /// Whether it is tried again by a policy of its own.
    pub(crate) fn is_retried(&self) -> bool {
        match self {
            Self::Nested(arg, _) | Self::Loop(arg, _) => arg.is_multiple_of(3),
            // Otherwise it would be tried for as long as it may take.
            Self::Fail { .. } => true,
            _ => false,
        }
    }
}

/// A loop with save points, and what comes after it.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) times: u32,
    pub(crate) round: Node,
    /// A save point comes after every so many rounds.
    pub(crate) every: u32,
    /// Something else is open when it comes.
    pub(crate) among_others: bool,
    pub(crate) rest: Node,
}

/// A program.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Await one call.
    Call(Call),
    /// One after the other.
    Seq(Vec<Node>),
    /// `tokio::join!`.
    Join(Box<Node>, Box<Node>),
    /// `tokio::try_join!`.
    TryJoin(Box<Node>, Box<Node>),
    /// `join_all`, or `try_join_all`.
    JoinAll { all: Vec<Node>, trying: bool },
    /// `select!` of two calls, each with what follows.
    Select { calls: [Call; 2], then: Box<[Node; 2]>, biased: bool },
    /// `select!` of two async blocks.
    SelectBlocks { blocks: Box<[Node; 2]>, biased: bool },
    /// Again and again.
    Repeat(u32, Box<Node>),
    /// A pinned call kept across the iterations of a loop over `select!`.
    Pinned { pinned: Call, times: u32, body: Box<Node> },
    /// Two pinned calls, the first polled once, something unrelated, then `select!` over both.
    PolledOnce { calls: [Call; 2], between: Box<Node>, then: Box<[Node; 2]> },
    /// `FuturesUnordered`, each completion followed by something.
    Unordered { calls: Vec<Call>, then: Vec<Node> },
    /// Spawned or detached now, awaited after the rest, or dropped then.
    Spawn { call: Call, rest: Box<Node>, awaited: bool },
    /// Spawned or detached now, canceled after the rest.
    Cancel { call: Call, rest: Box<Node> },
    /// A call made and dropped unpolled, or polled once and dropped.
    Dropped { call: Call, polled: bool },
    /// Two branches that take the same lock.
    Lock(Box<Node>, Box<Node>),
    /// Two branches, one waiting for a message of the other.
    Channel(Box<Node>, Box<Node>, Box<Node>),
    /// What follows depends on a value.
    If { value: Box<Node>, then: Box<[Node; 2]> },
    /// Gives way to the runtime.
    Yield,
    /// Fails in attempts before this one.
    Attempt(u32),
}
