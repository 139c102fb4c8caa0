use std::collections::VecDeque;

use abide_machine::Key;

/// Rows in the order in which they are evicted: one that was used since it was last looked at gets
/// another turn. Each row knows its turn; a place that is not its row's turn was left behind by a row
/// that is elsewhere.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Ring {
    places: VecDeque<Key>,
    /// The turn of the first place.
    first: Turn,
    rows: usize,
    bytes: usize,
}

/// Counts the places that there have been in a ring.
pub(crate) type Turn = u64;

impl Ring {
    /// So many places that were left behind are of no concern.
    const LEFT: usize = 64;

    /// Takes in a row, as the last one.
    pub(crate) fn enter(&mut self, key: Key, bytes: usize) -> Turn {
        self.rows += 1;
        self.bytes += bytes;
        self.again(key)
    }

    /// Notes that one of its rows has another weight.
    pub(crate) fn reweigh(&mut self, before: usize, bytes: usize) {
        self.bytes = self.bytes - before + bytes;
    }

    /// Notes that one of its rows leaves. Its place, if it has one still, is left behind.
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
        self.places.len()
    }

    /// Takes the first place away.
    pub(crate) fn next(&mut self) -> Option<(Turn, Key)> {
        let key = self.places.pop_front()?;
        self.first += 1;
        Some((self.first - 1, key))
    }

    /// Gives a row that stays the last place.
    pub(crate) fn again(&mut self, key: Key) -> Turn {
        self.places.push_back(key);
        self.first + self.places.len() as Turn - 1
    }

    /// Whether most places were left behind.
    pub(crate) fn is_untidy(&self) -> bool {
        self.places.len() > 2 * self.rows + Self::LEFT
    }

    /// Removes the places that were left behind, and counts the others anew. `moves` says whether a
    /// place is its row's turn, and tells the row of the new one.
    pub(crate) fn tidy(&mut self, mut moves: impl FnMut(&Key, Turn, Turn) -> bool) {
        let (mut old, mut new) = (self.first, 0);
        self.places.retain(|key| {
            let stays = moves(key, old, new);
            old += 1;
            new += Turn::from(stays);
            stays
        });
        self.first = 0;
    }
}

#[cfg(feature = "testing")]
impl Ring {
    /// Forgets in which order its rows would be evicted.
    pub(crate) fn forget_order(&mut self) {
        self.places.clear();
        self.first = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key::Promise(number.to_string().into())
    }

    #[test]
    fn a_row_has_one_turn_and_the_places_that_it_left_go() {
        let mut ring = Ring::default();
        let mut turn = 0;
        for number in 0..1_000 {
            ring.enter(key(number), 10);
            ring.leave(10);
            // This one comes and goes, and comes again.
            if number > 0 {
                ring.leave(20);
            }
            turn = ring.enter(key(7), 20);
            if ring.is_untidy() {
                ring.tidy(|_, old, new| {
                    let its = old == turn;
                    if its {
                        turn = new;
                    }
                    its
                });
                assert_eq!((ring.places(), turn), (1, 0), "{number}");
            }
            assert!(ring.places() <= 2 + Ring::LEFT, "{number}");
        }
        assert_eq!(ring.bytes(), 20);
        let its: Vec<Key> = std::iter::from_fn(|| ring.next())
            .filter_map(|(place, key)| (place == turn).then_some(key))
            .collect();
        assert_eq!(its, [key(7)]);
    }

    #[test]
    fn turns_are_in_order_and_go_on_from_the_last() {
        let mut ring = Ring::default();
        assert_eq!([1, 2, 3].map(|number| ring.enter(key(number), 1)), [0, 1, 2]);
        assert_eq!(ring.next(), Some((0, key(1))));
        assert_eq!(ring.again(key(1)), 3);
        assert_eq!(
            [1, 2, 3].map(|_| ring.next()),
            [(1, 2), (2, 3), (3, 1)].map(|(turn, number)| Some((turn, key(number))))
        );
    }
}
