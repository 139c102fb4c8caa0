//! The order in which a scope's creations and cancellations become durable (rule 5).

use std::collections::VecDeque;

use super::{
    ask::Kind,
    intent::{Cancel, Create},
    rule::Rule,
};

/// What a turn leaves behind in the store.
#[derive(Debug)]
pub(crate) enum Write {
    /// A child.
    Create(Create),
    /// The end of one.
    Cancel(Cancel),
}

/// The writes of one scope that are not durable yet: those that wait, and those on their way.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Turn by turn, what may not be sent yet.
    waiting: VecDeque<Vec<Write>>,
    /// How many are on their way.
    in_flight: usize,
}

impl Order {
    /// Adds the writes of a turn: the creations, and then, since a call may be made and canceled
    /// in one turn, the cancellations. A save point comes after all that it makes nobody ask for
    /// again.
    pub(crate) fn push(&mut self, mut creations: Vec<Write>, cancels: Vec<Cancel>) {
        if creations.is_empty() && cancels.is_empty() {
            return;
        }
        let is_last = |write: &mut Write| match write {
            Write::Create(create) => create.ask.kind == Kind::Save && Rule::SaveLast.holds(),
            Write::Cancel(_) => false,
        };
        let saves = creations.extract_if(.., is_last).collect();
        let cancels = cancels.into_iter().map(Write::Cancel).collect::<Vec<_>>();
        if Rule::CancellationsInOrder.holds() {
            self.wait(creations);
            self.wait(cancels);
        } else {
            if !cancels.is_empty() {
                self.waiting.push_front(cancels);
            }
            self.wait(creations);
        }
        self.wait(saves);
    }

    fn wait(&mut self, writes: Vec<Write>) {
        if !writes.is_empty() {
            self.waiting.push_back(writes);
        }
    }

    /// The writes that may be sent now. The turns go one after the other; within one turn the
    /// order is free.
    pub(crate) fn next(&mut self) -> Vec<Write> {
        if self.in_flight > 0 && Rule::CreationsInOrder.holds() {
            return Vec::new();
        }
        let writes = self.waiting.pop_front().unwrap_or_default();
        self.in_flight += writes.len();
        writes
    }

    /// One of those on their way is durable.
    pub(crate) fn durable(&mut self) {
        self.in_flight -= 1;
    }

    /// How many are on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many may not be sent yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.iter().map(Vec::len).sum()
    }

    /// How many are not durable yet.
    pub(crate) fn open(&self) -> usize {
        self.in_flight + self.waiting()
    }

    /// Whether all are durable.
    pub(crate) fn is_done(&self) -> bool {
        self.in_flight == 0 && self.waiting.is_empty()
    }
}
