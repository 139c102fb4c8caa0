//! The order in which a scope's creations become durable (rule 5).

use std::collections::VecDeque;

use super::{intent::Create, rule::Rule};

/// The creations of one scope that are not durable yet: those that wait, and those on their way.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Turn by turn, what may not be sent yet.
    waiting: VecDeque<Vec<Create>>,
    /// How many are on their way.
    in_flight: usize,
}

impl Order {
    /// Adds the creations of a turn.
    pub(crate) fn push(&mut self, creations: Vec<Create>) {
        if !creations.is_empty() {
            self.waiting.push_back(creations);
        }
    }

    /// The creations that may be sent now. The turns go one after the other; within one turn the
    /// order is free.
    pub(crate) fn next(&mut self) -> Vec<Create> {
        if self.in_flight > 0 && Rule::CreationsInOrder.holds() {
            return Vec::new();
        }
        let creations = self.waiting.pop_front().unwrap_or_default();
        self.in_flight += creations.len();
        creations
    }

    /// One of those on their way is durable.
    pub(crate) fn durable(&mut self) {
        self.in_flight -= 1;
    }

    /// How many are not durable yet.
    pub(crate) fn open(&self) -> usize {
        self.in_flight + self.waiting.iter().map(Vec::len).sum::<usize>()
    }

    /// Whether all are durable.
    pub(crate) fn is_done(&self) -> bool {
        self.in_flight == 0 && self.waiting.is_empty()
    }
}
