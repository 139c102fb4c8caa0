//! The suspended executions that are in memory, and how many there may be.

use std::collections::BTreeMap;

use abide_protocol::Id;

/// What suspended executions may take together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) executions: usize,
    pub(super) bytes: usize,
}

/// The suspended executions, the longest suspended first.
#[derive(Debug, Default)]
pub(super) struct Parked {
    order: BTreeMap<u64, (Id, usize)>,
    bytes: usize,
    next: u64,
}

impl Parked {
    /// Adds one that holds so many bytes, and gives its place.
    pub(super) fn add(&mut self, id: Id, bytes: usize) -> u64 {
        let place = self.next;
        self.next += 1;
        self.order.insert(place, (id, bytes));
        self.bytes += bytes;
        place
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, place: u64) {
        if let Some((_, bytes)) = self.order.remove(&place) {
            self.bytes -= bytes;
        }
    }

    /// Takes out the longest suspended one, if they are too many or too large.
    pub(super) fn beyond(&mut self, budget: Budget) -> Option<Id> {
        if self.order.len() <= budget.executions && self.bytes <= budget.bytes {
            return None;
        }
        let (id, bytes) = self.order.pop_first()?.1;
        self.bytes -= bytes;
        Some(id)
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Id> + use<> {
        self.bytes = 0;
        std::mem::take(&mut self.order).into_values().map(|(id, _)| id)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.bytes == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_suspended_makes_room() {
        let mut parked = Parked::default();
        let budget = Budget { executions: 3, bytes: 100 };
        let places: Vec<_> =
            ["a", "b", "c"].into_iter().map(|id| parked.add(id.into(), 30)).collect();
        assert_eq!(parked.beyond(budget), None);
        // It went on, and was suspended again: now "b" is the oldest.
        parked.remove(places[0]);
        parked.add("a".into(), 30);
        parked.add("d".into(), 10);
        assert_eq!(parked.beyond(budget), Some("b".into()), "too many");
        assert_eq!(parked.beyond(budget), None);
        parked.remove(places[2]);
        parked.add("e".into(), 70);
        assert_eq!(parked.beyond(budget), Some("a".into()), "too large");
        assert_eq!(parked.beyond(budget), None);
        parked.add("f".into(), 101);
        let rest: Vec<_> = std::iter::from_fn(|| parked.beyond(budget)).collect();
        assert_eq!(rest, ["d".into(), "e".into(), "f".into()], "it does not even fit alone");
        assert!(parked.is_empty());
    }
}
