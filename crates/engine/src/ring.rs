use std::collections::VecDeque;

use abide_machine::Key;

/// Rows in the order in which they are evicted: one that was used since it was last looked at gets
/// another turn.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Ring {
    /// Their places, and those of rows that have left.
    keys: VecDeque<Key>,
    rows: usize,
    bytes: usize,
}

impl Ring {
    /// So many places of rows that have left are of no concern.
    const LEFT: usize = 64;

    /// Takes in a row, as the last one.
    pub(crate) fn enter(&mut self, key: Key, bytes: usize) {
        self.keys.push_back(key);
        self.rows += 1;
        self.bytes += bytes;
    }

    /// Notes that one of its rows is heavier, or lighter.
    pub(crate) fn reweigh(&mut self, before: usize, bytes: usize) {
        self.bytes = self.bytes - before + bytes;
    }

    /// Notes that one of its rows leaves. Its place stays until it is come across.
    pub(crate) fn leave(&mut self, bytes: usize) {
        self.rows -= 1;
        self.bytes -= bytes;
    }

    /// The bytes of its rows.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many places there are.
    pub(crate) fn places(&self) -> usize {
        self.keys.len()
    }

    /// Takes the first place.
    pub(crate) fn next(&mut self) -> Option<Key> {
        self.keys.pop_front()
    }

    /// Puts a row that stays in the last place.
    pub(crate) fn again(&mut self, key: Key) {
        self.keys.push_back(key);
    }

    /// Removes the places of rows that have left, when they are more than half of all.
    pub(crate) fn tidy(&mut self, is_in: impl FnMut(&Key) -> bool) {
        if self.keys.len() > 2 * self.rows + Self::LEFT {
            self.keys.retain(is_in);
        }
    }
}

#[cfg(feature = "testing")]
impl Ring {
    /// Forgets in which order its rows would be evicted.
    pub(crate) fn forget_order(&mut self) {
        self.keys.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_not_many_more_places_than_rows() {
        let mut ring = Ring::default();
        let key = |number: usize| Key::Promise(number.to_string().into());
        for number in 0..1_000 {
            ring.enter(key(number), 10);
            if number % 10 > 0 {
                ring.leave(10);
            }
            ring.tidy(|key| matches!(key, Key::Promise(id) if id.ends_with('0')));
            assert!(ring.places() <= 2 * (number / 10 + 1) + Ring::LEFT, "{number}");
        }
        assert_eq!(ring.bytes(), 1_000);
        let rows: Vec<Key> = std::iter::from_fn(|| ring.next())
            .filter(|key| matches!(key, Key::Promise(id) if id.ends_with('0')))
            .collect();
        assert_eq!(rows, (0..100).map(|number| key(10 * number)).collect::<Vec<_>>(), "in order");
    }
}
