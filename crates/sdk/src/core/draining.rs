//! Cancellations that wait until nothing is on its way below them.
//!
//! A local call may be canceled while creations of its body are on their way. If one of them became
//! durable after the cancellation, nobody would ever find it again. Where requests take effect in
//! the order of sending, there is nothing to wait for.

use std::sync::Arc;

use super::{
    intent::{Cancel, Op},
    wake::ScopeKey,
};
use crate::hash::HashMap;

/// What is on its way from scopes that are gone, and the cancellations that wait for it.
#[derive(Debug, Default)]
pub(crate) struct Draining {
    orphaned: HashMap<ScopeKey, Orphaned>,
    canceled: HashMap<Op, Waiting>,
}

/// The writes of a scope that is gone.
#[derive(Debug)]
struct Orphaned {
    id: Arc<str>,
    on_their_way: usize,
    /// The canceled calls that it was below.
    below: Vec<Op>,
}

#[derive(Debug, Default)]
struct Waiting {
    on_their_way: usize,
    cancel: Option<Cancel>,
}

impl Draining {
    /// A scope is gone while so many of its writes are on their way.
    pub(crate) fn orphan(&mut self, scope: ScopeKey, id: Arc<str>, on_their_way: usize) {
        if on_their_way > 0 {
            self.orphaned.insert(scope, Orphaned { id, on_their_way, below: Vec::new() });
        }
    }

    /// A call is canceled: it waits for what is on its way from below it.
    pub(crate) fn expect(&mut self, op: Op, id: &str) {
        let is_below = |other: &str| {
            other
                .strip_prefix(id)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.']))
        };
        for orphaned in self.orphaned.values_mut().filter(|orphaned| is_below(&orphaned.id)) {
            orphaned.below.push(op);
            self.canceled.entry(op).or_default().on_their_way += orphaned.on_their_way;
        }
    }

    /// The cancellation may be sent, or is kept for later.
    pub(crate) fn hold(&mut self, cancel: Cancel) -> Option<Cancel> {
        match self.canceled.get_mut(&cancel.op) {
            Some(waiting) => {
                waiting.cancel = Some(cancel);
                None
            }
            None => Some(cancel),
        }
    }

    /// A write of a scope is durable. Gives the cancellations that waited for it as the last one.
    pub(crate) fn durable(&mut self, scope: ScopeKey) -> Vec<Cancel> {
        let Some(orphaned) = self.orphaned.get_mut(&scope) else { return Vec::new() };
        orphaned.on_their_way -= 1;
        let mut free = Vec::new();
        for op in &orphaned.below {
            let Some(waiting) = self.canceled.get_mut(op) else { continue };
            waiting.on_their_way -= 1;
            if waiting.on_their_way == 0 {
                free.extend(self.canceled.remove(op).and_then(|waiting| waiting.cancel));
            }
        }
        if orphaned.on_their_way == 0 {
            self.orphaned.remove(&scope);
        }
        free
    }
}
