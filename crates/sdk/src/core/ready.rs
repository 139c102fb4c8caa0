//! What could be delivered next.

use std::collections::BTreeMap;

/// Calls that are settled and awaited, by their ranks. Most of the time there is one at most, and
/// that one is kept apart, where it costs nothing.
#[derive(Debug, Default)]
pub(super) struct Ready {
    first: Option<(u64, u64)>,
    /// All have higher ranks than the first one.
    rest: BTreeMap<u64, u64>,
}

impl Ready {
    /// Adds a call, if it is not there.
    pub(super) fn insert(&mut self, rank: u64, call: u64) {
        let new = (rank, call);
        match self.first {
            None => self.first = Some(new),
            Some((first, _)) if first == rank => {}
            Some(first) => {
                self.first = Some(first.min(new));
                let (rank, call) = first.max(new);
                self.rest.insert(rank, call);
            }
        }
    }

    /// Takes the call of a rank out, if it is there.
    pub(super) fn remove(&mut self, rank: u64) {
        match self.first {
            Some((first, _)) if first == rank => self.first = self.rest.pop_first(),
            _ => drop(self.rest.remove(&rank)),
        }
    }

    /// The call of the lowest rank.
    pub(super) fn first(&self) -> Option<u64> {
        self.first.map(|(_, call)| call)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_lowest_rank_comes_first(steps in prop::collection::vec((any::<bool>(), 0u64..8), 0..60)) {
            let (mut ready, mut model) = (Ready::default(), BTreeMap::new());
            for (add, rank) in steps {
                if add {
                    ready.insert(rank, rank + 100);
                    model.insert(rank, rank + 100);
                } else {
                    ready.remove(rank);
                    model.remove(&rank);
                }
                prop_assert_eq!(ready.first(), model.first_key_value().map(|(_, call)| *call));
            }
        }
    }
}
