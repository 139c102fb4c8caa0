use std::collections::{BTreeMap, BTreeSet};

use abide_protocol::Millis;

use super::{State, Taken, Tally};
use crate::{Effect, Key, Outcome, Row, Step};

/// One step, seen from outside.
pub struct Transition<'a> {
    /// The state before it.
    pub before: State<'a>,
    /// The step.
    pub step: &'a Step,
    /// Its time.
    pub now: Millis,
    /// What it has read, with what it found there.
    pub read: &'a BTreeMap<Key, Option<Row>>,
    /// What it came to.
    pub outcome: &'a Outcome,
    /// The state after it.
    pub after: State<'a>,
    changes: Vec<Change<'a>>,
}

/// A record that is not what it was.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Before the step; `None` when there was none.
    pub before: Option<&'a Row>,
    /// After it; `None` when it is gone.
    pub after: Option<&'a Row>,
}

impl<'a> Transition<'a> {
    /// The step from one state to the next.
    pub fn new(before: State<'a>, taken: &'a Taken, after: State<'a>) -> Self {
        let keys: BTreeSet<Key> = taken.outcome.effects.iter().filter_map(Effect::key).collect();
        let change = |key: Key| {
            let change = Change { before: before.rows().get(&key), after: after.rows().get(&key) };
            (change.before != change.after).then_some(change)
        };
        let changes = keys.into_iter().filter_map(change).collect();
        let Taken { step, now, read, outcome } = taken;
        Transition { before, step, now: *now, read, outcome, after, changes }
    }

    /// The records that are not what they were.
    pub fn changed(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// Checks every property of the catalogue.
    ///
    /// # Panics
    /// When one does not hold, with the transition.
    pub fn check(&self) {
        if let Err(broken) = self.verify(&mut Tally::default()) {
            panic!("{broken}\n{self}");
        }
    }
}

impl std::fmt::Display for Transition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Transition { step, now, outcome, .. } = self;
        let before = self.before.rows();
        write!(f, "step at {now}: {step:#?}\noutcome: {outcome:#?}\nbefore: {before:#?}")
    }
}

impl Effect {
    /// The key of the record that it changes; `None` for a message.
    pub fn key(&self) -> Option<Key> {
        match self {
            Effect::Put(row) => Some(row.key()),
            Effect::Delete(key) => Some(key.clone()),
            Effect::Execute { .. } => None,
        }
    }
}
