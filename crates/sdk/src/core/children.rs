//! A scope, as the execution sees it: its future, its children, its place in the tree.

use std::{collections::HashMap, sync::Arc};

use super::{
    ask::{Ask, Running},
    intent::Op,
    order::Order,
    outcome::Outcome,
    record::Records,
    scope::Shared,
    wake::ScopeKey,
};

/// One scope of an execution.
pub(crate) struct Scope {
    pub(super) shared: Arc<Shared>,
    /// Which child of which scope it is; none for the root.
    pub(super) op: Option<Op>,
    pub(super) ask: Arc<Ask>,
    pub(super) records: Arc<Records>,
    pub(super) future: Option<Running>,
    pub(super) phase: Phase,
    /// Polls in the open turn.
    pub(super) polls: u32,
    /// Failed attempts so far.
    pub(super) attempt: u32,
    /// Replays so far that ended in a divergence.
    pub(super) replays: u32,
    pub(super) children: HashMap<u32, Child>,
    pub(super) order: Order,
    /// How far its own record is.
    pub(super) own: Own,
    /// Spawned children that are not settled.
    pub(super) spawned: usize,
    /// It waits for something that only this process can bring about.
    pub(super) busy: bool,
}

/// Where a scope is.
#[derive(Debug)]
pub(super) enum Phase {
    /// Its records are being loaded.
    Loading,
    /// A turn is open.
    Open,
    /// No turn is open; it awaits something.
    Closed,
    /// It failed and waits for its next attempt.
    Backoff(Outcome),
    /// Its future is done; its records and spawned children may not be.
    Ended(Outcome),
    /// Its result is on its way to the store.
    Settling,
}

/// The record of the scope itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Own {
    /// Not sent.
    Waiting,
    /// Sent.
    Sent,
    /// Durable.
    Durable,
}

/// One child of a scope, from its birth until it is settled or nobody cares any more.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) ask: Arc<Ask>,
    pub(super) spawned: bool,
    pub(super) own: Own,
    /// The turn of its birth.
    pub(super) turn: u64,
    /// Its scope, if it runs here.
    pub(super) scope: Option<ScopeKey>,
}

impl Scope {
    /// Whether it made no durable call, so that it may be run again from the top.
    pub(super) fn is_leaf(&self) -> bool {
        !self.shared.lock().calls_made
    }
}
