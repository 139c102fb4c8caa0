//! What is still to happen, by time.

use std::{cmp::Ordering, collections::BinaryHeap};

use abide_protocol::Millis;

/// Events by their time; those of one instant in the order in which they were added.
pub(crate) struct Queue<E> {
    events: BinaryHeap<Entry<E>>,
    last: u64,
}

struct Entry<E> {
    at: Millis,
    number: u64,
    event: E,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue { events: BinaryHeap::new(), last: 0 }
    }
}

impl<E> Queue<E> {
    pub(crate) fn push(&mut self, at: Millis, event: E) {
        self.last += 1;
        self.events.push(Entry { at, number: self.last, event });
    }

    pub(crate) fn pop(&mut self) -> Option<(Millis, E)> {
        self.events.pop().map(|entry| (entry.at, entry.event))
    }
}

impl<E> Ord for Entry<E> {
    /// The heap gives out the greatest, which is to be the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn what_comes_first_is_given_out_first() {
        let mut queue = Queue::default();
        for (at, event) in [(3, 'c'), (1, 'a'), (3, 'd'), (2, 'b')] {
            queue.push(at, event);
        }
        let events: String = std::iter::from_fn(|| queue.pop().map(|(_, event)| event)).collect();
        assert_eq!(events, "abcd");
    }
}
