//! A scope, as the execution sees it: its future, its children, its place in the tree.

use std::sync::Arc;

use super::{
    ask::{Ask, Running},
    intent::Op,
    order::Order,
    outcome::Outcome,
    reclaim::Past,
    record::Records,
    scope::Shared,
    wake::ScopeKey,
};
use crate::hash::HashMap;

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
    /// Replays so far that ended in a divergence.
    pub(super) replays: u32,
    pub(super) children: HashMap<u32, Child>,
    /// Local children since its base whose handles were dropped, and that may have made calls.
    pub(super) abandoned: Vec<u32>,
    /// The same, if they made none: nobody settles them.
    pub(super) endless: Vec<u32>,
    /// Children since its base that outlive it.
    pub(super) detached: Vec<u32>,
    /// What lies before its base.
    pub(super) past: Past,
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
    /// It failed, and may be tried again; its records and spawned children may not be done.
    Failed(Outcome),
    /// It failed and waits for its next attempt. The failure is there until that is decided.
    Backoff(Option<Outcome>),
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
    pub(super) id: Arc<str>,
    pub(super) ask: Arc<Ask>,
    pub(super) spawned: bool,
    pub(super) own: Own,
    /// The turn of its birth.
    pub(super) turn: u64,
    /// It is awaited, and was not there yet when that was noticed.
    pub(super) early: bool,
    /// Its scope, if it runs here.
    pub(super) scope: Option<ScopeKey>,
}

impl Child {
    pub(super) fn new(id: Arc<str>, ask: Arc<Ask>, spawned: bool, own: Own, turn: u64) -> Self {
        Child { id, ask, spawned, own, turn, early: false, scope: None }
    }
}

impl Scope {
    /// Whether it made no durable call, so that it may be run again from the top.
    pub(super) fn is_leaf(&self) -> bool {
        !self.shared.lock().calls_made
    }
}
