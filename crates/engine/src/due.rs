use std::collections::BTreeSet;

use abide_machine::{DueKind, Entry};
use abide_protocol::{Id, Millis};

/// A time, and the internal step that is due then.
pub(crate) type When = (Millis, DueKind, Id);

/// What is due next. Only the nearest part of it is in memory; the rest is in the store and is
/// fetched before its time comes.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct DueIndex {
    timers: BTreeSet<When>,
    /// What settled promises owe to those who wait. It is met after every deadline that has
    /// passed, so that no task is resumed whose own deadline has passed too.
    owed: BTreeSet<When>,
    /// How far memory reaches.
    covered: Covered,
    /// Whether the next part is being fetched.
    pub(crate) fetching: bool,
    limit: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Covered {
    Nothing,
    UpTo(When),
    All,
}

impl DueIndex {
    pub(crate) fn new(limit: usize) -> Self {
        let (timers, owed) = (BTreeSet::new(), BTreeSet::new());
        let covered = if fault!(TimersLostAtCrash) { Covered::All } else { Covered::Nothing };
        DueIndex { timers, owed, covered, fetching: false, limit }
    }

    fn set(&mut self, kind: DueKind) -> &mut BTreeSet<When> {
        match kind {
            DueKind::Obligation => &mut self.owed,
            _ => &mut self.timers,
        }
    }

    /// Takes in something due, unless it lies beyond what memory covers.
    pub(crate) fn insert(&mut self, when: When) {
        let covers = match &self.covered {
            Covered::Nothing => false,
            Covered::UpTo(last) => when <= *last,
            Covered::All => true,
        };
        if covers {
            self.set(when.1).insert(when);
            self.trim();
        }
    }

    /// Forgets something that is no longer due.
    pub(crate) fn remove(&mut self, when: &When) {
        self.set(when.1).remove(when);
    }

    /// Drops the later half if there is too much.
    fn trim(&mut self) {
        if self.timers.len() + self.owed.len() <= self.limit {
            return;
        }
        let larger = if self.timers.len() >= self.owed.len() { &self.timers } else { &self.owed };
        let Some(last) = larger.iter().nth(larger.len() / 2).cloned() else { return };
        let beyond = |when: &When| *when > last;
        self.timers.retain(|when| !beyond(when));
        self.owed.retain(|when| !beyond(when));
        fault!(TrimForgets => return);
        self.covered = Covered::UpTo(last);
    }

    /// How far memory reaches.
    pub(crate) fn covered(&self) -> &Covered {
        &self.covered
    }

    /// Whether it is time to fetch more.
    pub(crate) fn runs_low(&self) -> bool {
        let held = self.timers.len() + self.owed.len();
        self.covered != Covered::All && !self.fetching && held <= self.limit / 4
    }

    /// Takes in what was fetched from `after` on. `last` is where the page ended; `None` means it
    /// was the last page.
    pub(crate) fn fetched(&mut self, after: &Covered, found: Vec<Entry>, last: Option<When>) {
        self.fetching = false;
        // If the index was trimmed in the meantime there is a gap: the next fetch starts anew.
        if self.covered != *after && !fault!(GapOverlooked) {
            return;
        }
        self.covered = last.map_or(Covered::All, Covered::UpTo);
        fault!(FirstTimersOnly => self.covered = Covered::All);
        for entry in found {
            if let Entry::Due(time, kind, id) = entry {
                self.insert((time, kind, id));
            }
        }
    }

    /// Takes out what is due by `now`, deadlines before obligations. Without `timers` only
    /// obligations are considered.
    pub(crate) fn pop(&mut self, now: Millis, timers: bool) -> Option<When> {
        let due = |when: &When| when.0 <= now;
        if timers && self.timers.first().is_some_and(due) {
            return self.timers.pop_first();
        }
        if self.owed.first().is_some_and(due) { self.owed.pop_first() } else { None }
    }

    /// Whether everything due by `now` has been taken out.
    pub(crate) fn is_past(&self, now: Millis) -> bool {
        let past = |set: &BTreeSet<When>| set.first().is_none_or(|when| when.0 > now);
        let covers = match &self.covered {
            Covered::Nothing => false,
            Covered::UpTo((time, ..)) => *time > now,
            Covered::All => true,
        };
        covers && past(&self.timers) && past(&self.owed)
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<Millis> {
        self.timers.first().map(|when| when.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(time: Millis) -> When {
        (time, DueKind::Lease, Id::from(format!("a{time}")))
    }

    fn entry(time: Millis) -> Entry {
        let (time, kind, id) = when(time);
        Entry::Due(time, kind, id)
    }

    fn held(index: &mut DueIndex) -> Vec<Millis> {
        std::iter::from_fn(|| index.pop(Millis::MAX, true)).map(|when| when.0).collect()
    }

    #[test]
    fn what_lies_beyond_the_fetched_part_is_left_to_the_store() {
        let mut index = DueIndex::new(8);
        index.insert(when(1));
        assert_eq!(index.next(), None, "nothing has been fetched");
        index.fetched(&Covered::Nothing, vec![entry(1), entry(5)], Some(when(5)));
        index.insert(when(3));
        index.insert(when(6));
        assert_eq!(held(&mut index), [1, 3, 5]);
        assert!(index.runs_low() && !index.is_past(6));
        index.fetched(&Covered::UpTo(when(5)), vec![entry(6)], None);
        assert_eq!(held(&mut index), [6]);
        assert!(!index.runs_low() && index.is_past(Millis::MAX));
    }

    #[test]
    fn more_is_fetched_when_a_quarter_is_left() {
        let mut index = DueIndex::new(8);
        index.fetched(&Covered::Nothing, (1..=4).map(entry).collect(), Some(when(4)));
        for (time, low) in [(0, false), (1, false), (2, true), (3, true)] {
            while index.pop(time, true).is_some() {}
            assert_eq!(index.runs_low(), low, "{time} of 4 are gone");
        }
    }

    #[test]
    fn a_time_is_past_when_nothing_can_be_due_by_then() {
        let mut index = DueIndex::new(8);
        assert!(!index.is_past(0), "nothing has been fetched");
        index.fetched(&Covered::Nothing, vec![entry(5)], Some(when(7)));
        assert!(index.is_past(4) && !index.is_past(5));
        index.pop(5, true);
        assert!(index.is_past(6), "all up to 7 is here");
        assert!(!index.is_past(7), "there may be others at 7");
        assert!(!index.is_past(8));
    }

    #[test]
    fn too_much_is_cut_in_half_from_the_end() {
        let mut index = DueIndex::new(8);
        index.fetched(&Covered::Nothing, Vec::new(), None);
        (1..=9).for_each(|time| index.insert(when(time)));
        assert_eq!(index.covered(), &Covered::UpTo(when(5)));
        index.insert(when(6));
        assert_eq!(held(&mut index), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_page_that_no_longer_joins_what_is_in_memory_is_fetched_again() {
        let mut index = DueIndex::new(8);
        index.fetched(&Covered::Nothing, vec![entry(100)], Some(when(100)));
        let asked = index.covered().clone();
        // While the page after 100 is on its way, so much comes before it that 100 itself goes.
        (1..=9).for_each(|time| index.insert(when(time)));
        index.fetched(&asked, vec![entry(101)], None);
        assert_ne!(index.covered(), &Covered::All);
        let held = held(&mut index);
        assert!(held.starts_with(&[1, 2, 3, 4]) && held.iter().all(|time| *time < 100));
        assert!(index.runs_low(), "what was cut off is fetched again");
    }

    #[test]
    fn obligations_come_after_every_deadline_that_has_passed() {
        let mut index = DueIndex::new(8);
        index.fetched(&Covered::Nothing, Vec::new(), None);
        index.insert((1, DueKind::Obligation, Id::from("a")));
        index.insert((2, DueKind::Deadline, Id::from("b")));
        index.insert((3, DueKind::Deadline, Id::from("c")));
        let order: Vec<DueKind> =
            std::iter::from_fn(|| index.pop(2, true)).map(|when| when.1).collect();
        assert_eq!(order, [DueKind::Deadline, DueKind::Obligation]);
        index.insert((1, DueKind::Obligation, Id::from("a")));
        assert_eq!(index.pop(9, false).map(|when| when.1), Some(DueKind::Obligation));
        assert_eq!(index.pop(9, false), None, "time stands still");
    }
}
