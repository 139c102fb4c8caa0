//! Where nothing is stored, so that no scan passes there again.
//!
//! What was deleted stays in the tree as a mark until a compaction comes by, and a scan passes every
//! mark between two entries: an execution that deletes what lies before its save points would take
//! longer and longer to find the few records that are left. So a stretch in which a scan found nothing
//! and took long is remembered, until something is written there. To forget one is always safe.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::place::successor;

/// How many gaps are remembered; beyond that, all are forgotten.
const GAPS: usize = 4_096;

/// How long the place may be at which a gap begins or ends.
const PLACE_BYTES: usize = 1 << 10;

/// The places from the first one to before the second one.
pub(crate) type Stretch = (Vec<u8>, Vec<u8>);

/// The gaps that are known.
#[derive(Default)]
pub(crate) struct Gaps(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Where each gap starts, by where it ends. None overlaps or touches another.
    starts: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The stretches that are being looked through, and in which nothing was written meanwhile.
    probes: BTreeMap<u64, Stretch>,
    last: u64,
}

impl Gaps {
    /// What is left of a stretch without the gaps in it, in order. All that had been written when this
    /// was asked for, and was not deleted, is in there.
    pub(crate) fn around(&self, (from, to): Stretch) -> Vec<Stretch> {
        let known = self.known();
        let mut left = Vec::new();
        let mut at = from;
        let after = (Bound::Excluded(at.clone()), Bound::Unbounded);
        for (end, start) in known.starts.range::<Vec<u8>, _>(after) {
            if *start >= to {
                break;
            }
            if at < *start {
                left.push((at, start.clone()));
            }
            at = end.clone();
        }
        if at < to {
            left.push((at, to));
        }
        left
    }

    /// Cuts the gaps into which something was written. It is called before anybody is told that it was:
    /// a scan that has begun before need not find it, and whatever is looked through at that time is
    /// no gap.
    pub(crate) fn written<'a>(&self, prefix: &[u8], keys: impl Iterator<Item = &'a [u8]>) {
        let mut known = self.known();
        if known.starts.is_empty() && known.probes.is_empty() {
            return;
        }
        let mut place = Vec::new();
        for key in keys {
            place.clear();
            place.extend_from_slice(prefix);
            place.extend_from_slice(key);
            known.cut(&place);
        }
    }

    /// Remembers a stretch if it is a gap: if `is_empty`, which looks through it, finds nothing, and
    /// nothing is written to it meanwhile.
    pub(crate) fn learn<E>(
        &self,
        stretch: &Stretch,
        is_empty: impl FnOnce() -> Result<bool, E>,
    ) -> Result<(), E> {
        let (start, end) = stretch;
        if start >= end || start.len().max(end.len()) > PLACE_BYTES {
            return Ok(());
        }
        let mut known = self.known();
        known.last += 1;
        let number = known.last;
        known.probes.insert(number, stretch.clone());
        drop(known);
        let is_empty = is_empty();
        let mut known = self.known();
        let probed = known.probes.remove(&number);
        if let Some(gap) = probed.filter(|_| matches!(is_empty, Ok(true))) {
            known.add(gap);
        }
        is_empty.map(drop)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Something is written to this place. Of a gap that is cut, the second part stays: keys mostly
    /// grow, so the next ones would be written to the first part of what is left, too.
    fn cut(&mut self, place: &[u8]) {
        let after = (Bound::Excluded(place), Bound::Unbounded);
        if let Some((end, start)) = self.starts.range_mut::<[u8], _>(after).next()
            && **start <= *place
        {
            *start = successor(place.to_vec());
            if *start >= *end {
                let end = end.clone();
                self.starts.remove(&end);
            }
        }
        self.probes.retain(|_, (start, end)| !(**start <= *place && *place < **end));
    }

    fn add(&mut self, (mut start, mut end): Stretch) {
        if self.starts.len() >= GAPS {
            self.starts.clear();
        }
        // Those that it touches become one with it.
        let from = (Bound::Included(start.clone()), Bound::Unbounded);
        let near = self.starts.range::<Vec<u8>, _>(from).take_while(|(_, other)| **other <= end);
        let near: Vec<Vec<u8>> = near.map(|(end, _)| end.clone()).collect();
        for other in near {
            let Some(other_start) = self.starts.remove(&other) else { continue };
            start = start.min(other_start);
            end = end.max(other);
        }
        self.starts.insert(end, start);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn stretch(from: &str, to: &str) -> Stretch {
        (from.into(), to.into())
    }

    fn learn(gaps: &Gaps, from: &str, to: &str) {
        gaps.learn(&stretch(from, to), || Ok::<_, Infallible>(true)).unwrap();
    }

    fn left(gaps: &Gaps) -> Vec<(String, String)> {
        let text = |place| String::from_utf8(place).unwrap().replace('\0', "+");
        gaps.around(stretch("a", "z")).into_iter().map(|(a, b)| (text(a), text(b))).collect()
    }

    fn known(expected: &[(&str, &str)], gaps: &Gaps) {
        let expected = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        assert_eq!(left(gaps), expected.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_looked_through_is_what_lies_around_the_gaps() {
        let gaps = Gaps::default();
        known(&[("a", "z")], &gaps);
        learn(&gaps, "d", "f");
        learn(&gaps, "h", "k");
        known(&[("a", "d"), ("f", "h"), ("k", "z")], &gaps);
        for (from, to, expected) in [
            ("b", "c", vec![stretch("b", "c")]),
            ("b", "d", vec![stretch("b", "d")]),
            ("b", "e", vec![stretch("b", "d")]),
            ("d", "f", vec![]),
            ("e", "g", vec![stretch("f", "g")]),
            ("e", "j", vec![stretch("f", "h")]),
            ("f", "h", vec![stretch("f", "h")]),
        ] {
            assert_eq!(gaps.around(stretch(from, to)), expected, "{from} to {to}");
        }
    }

    #[test]
    fn gaps_that_touch_are_one() {
        let gaps = Gaps::default();
        learn(&gaps, "d", "f");
        learn(&gaps, "i", "k");
        learn(&gaps, "f", "g");
        known(&[("a", "d"), ("g", "i"), ("k", "z")], &gaps);
        learn(&gaps, "e", "j");
        known(&[("a", "d"), ("k", "z")], &gaps);
        learn(&gaps, "b", "d");
        known(&[("a", "b"), ("k", "z")], &gaps);
        assert_eq!(gaps.known().starts.len(), 1);
    }

    #[test]
    fn a_gap_ends_where_something_is_written() {
        for (place, expected) in [
            ("c", [("a", "d"), ("k", "z")].as_slice()),
            ("d", &[("a", "d+"), ("k", "z")]),
            ("e", &[("a", "e+"), ("k", "z")]),
            ("k", &[("a", "d"), ("k", "z")]),
        ] {
            let gaps = Gaps::default();
            learn(&gaps, "d", "k");
            gaps.written(b"", [place.as_bytes()].into_iter());
            known(expected, &gaps);
        }
        let gaps = Gaps::default();
        learn(&gaps, "d", "d\0");
        gaps.written(b"", [b"d".as_slice()].into_iter());
        assert!(gaps.known().starts.is_empty());
    }

    #[test]
    fn what_was_written_to_while_it_was_looked_through_is_no_gap() {
        for (place, is_gap) in [("c", true), ("d", false), ("e", false), ("f", true)] {
            let gaps = Gaps::default();
            let is_empty = || {
                gaps.written(b"", [place.as_bytes()].into_iter());
                Ok::<_, Infallible>(true)
            };
            gaps.learn(&stretch("d", "f"), is_empty).unwrap();
            assert_eq!(gaps.known().starts.len(), usize::from(is_gap), "{place}");
            assert!(gaps.known().probes.is_empty());
        }
    }

    #[test]
    fn what_is_not_empty_or_cannot_be_read_is_no_gap() {
        let gaps = Gaps::default();
        gaps.learn(&stretch("d", "f"), || Ok::<_, Infallible>(false)).unwrap();
        assert_eq!(gaps.learn(&stretch("d", "f"), || Err("unreadable")), Err("unreadable"));
        let far = "d".repeat(PLACE_BYTES + 1);
        learn(&gaps, &far, "f");
        assert!(gaps.known().starts.is_empty() && gaps.known().probes.is_empty());
    }

    #[test]
    fn not_too_many_are_remembered() {
        let gaps = Gaps::default();
        for number in 0..=GAPS {
            learn(&gaps, &format!("{number:08}"), &format!("{number:08}+"));
        }
        assert_eq!(gaps.known().starts.len(), 1);
    }
}
