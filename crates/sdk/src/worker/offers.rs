//! Offered tasks, in the order in which they came, until there is room for them.

use std::collections::VecDeque;

use abide_protocol::Id;

use crate::hash::{HashMap, HashSet};

/// Offers that wait. Further ones are left to others; the engine offers them again.
const WAITING: usize = 65_536;

/// Offered tasks.
#[derive(Debug, Default)]
pub(super) struct Offers {
    order: VecDeque<Id>,
    /// The version at which each of the waiting ones was offered last.
    versions: HashMap<Id, i64>,
    /// Those that are being acquired.
    acquiring: HashSet<Id>,
}

impl Offers {
    /// Adds an offer, unless there is no room, or the task is being acquired. False if nothing was
    /// added.
    pub(super) fn add(&mut self, id: Id, version: i64) -> bool {
        if self.acquiring.contains(&id) {
            return false;
        }
        if let Some(waiting) = self.versions.get_mut(&id) {
            *waiting = version.max(*waiting);
            return false;
        }
        if self.order.len() >= WAITING {
            return false;
        }
        self.versions.insert(id.clone(), version);
        self.order.push_back(id);
        true
    }

    /// Takes the first offer, to acquire it.
    pub(super) fn next(&mut self) -> Option<(Id, i64)> {
        let id = self.order.pop_front()?;
        let version = self.versions.remove(&id)?;
        self.acquiring.insert(id.clone());
        Some((id, version))
    }

    /// A task is acquired out of the order, by whoever offers it. False if that is under way.
    #[cfg(feature = "http")]
    pub(super) fn acquire(&mut self, id: &Id) -> bool {
        self.acquiring.insert(id.clone())
    }

    /// An attempt to acquire is over.
    pub(super) fn acquired(&mut self, id: &Id) {
        self.acquiring.remove(id);
    }

    /// How many are being acquired.
    pub(super) fn acquiring(&self) -> usize {
        self.acquiring.len()
    }

    /// Forgets those that wait.
    pub(super) fn forget_waiting(&mut self) {
        self.order.clear();
        self.versions.clear();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.versions.is_empty() && self.acquiring.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_wait_in_order_and_each_once() {
        let mut offers = Offers::default();
        assert!(offers.add("a".into(), 0) && offers.add("b".into(), 3));
        assert!(!offers.add("a".into(), 1), "it waits already, and is offered at a newer version");
        assert!(!offers.add("a".into(), 0), "an old message says nothing new");
        assert_eq!(offers.next(), Some(("a".into(), 1)));
        assert!(!offers.add("a".into(), 1), "it is being acquired");
        assert_eq!(offers.next(), Some(("b".into(), 3)));
        assert_eq!((offers.next(), offers.acquiring()), (None, 2));
        offers.acquired(&"a".into());
        assert!(offers.add("a".into(), 2));
        offers.forget_waiting();
        offers.acquired(&"b".into());
        assert!(offers.is_empty());
    }

    #[test]
    fn there_is_an_end_to_it() {
        let mut offers = Offers::default();
        let added = (0..WAITING + 10).filter(|n| offers.add(n.to_string().into(), 0)).count();
        assert_eq!(added, WAITING);
        assert!(offers.next().is_some());
        assert!(offers.add("one more".into(), 0));
    }
}
