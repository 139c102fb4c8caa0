use std::collections::BTreeMap;

use crate::io::Position;

/// What is being offered of one kind, up to a limit, and how far the rest has been looked through.
///
/// What does not fit stays in the store. A pass goes through all of it in order, a part whenever
/// there is room; what was left out meanwhile is found by another pass after it.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Window<I, S> {
    pub(crate) items: BTreeMap<I, S>,
    pass: Option<Pass>,
    again: bool,
    fetching: bool,
}

/// How far a pass has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pass {
    /// Which of the family's ranges it is in.
    pub(crate) segment: usize,
    /// Where in it.
    pub(crate) after: Option<Position>,
}

impl<I: Ord, S> Default for Window<I, S> {
    fn default() -> Self {
        Window { items: BTreeMap::new(), pass: None, again: false, fetching: false }
    }
}

impl<I: Ord, S> Window<I, S> {
    /// Begins a pass from the start, whatever was under way.
    pub(crate) fn restart(&mut self) {
        self.pass = Some(Pass::default());
        self.again = false;
        self.fetching = false;
    }

    /// Notes that something was left out, so that a pass has to find it.
    pub(crate) fn missed(&mut self) {
        fault!(WindowForgets => return);
        match self.pass {
            Some(_) => self.again = true,
            None => self.pass = Some(Pass::default()),
        }
    }

    /// Whether others wait for a place.
    pub(crate) fn is_crowded(&self) -> bool {
        self.pass.is_some()
    }

    /// How many more fit.
    pub(crate) fn room(&self, limit: usize) -> usize {
        limit.saturating_sub(self.items.len())
    }

    /// The next part of the pass to fetch, if there is a pass and half the window is free.
    pub(crate) fn fetch(&mut self, limit: usize) -> Option<Pass> {
        if self.fetching || self.room(limit) < limit.div_ceil(2) {
            return None;
        }
        let pass = self.pass.clone()?;
        self.fetching = true;
        Some(pass)
    }

    /// Moves the pass on: to where the page ended, or to the next of the family's `segments`.
    pub(crate) fn fetched(&mut self, pass: Pass, last: Option<Position>, segments: usize) {
        self.fetching = false;
        self.pass = match last {
            Some(last) => Some(Pass { after: Some(last), ..pass }),
            None if pass.segment + 1 < segments => {
                Some(Pass { segment: pass.segment + 1, after: None })
            }
            None => std::mem::take(&mut self.again).then(Pass::default),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Places = Window<u8, ()>;

    fn filled(count: u8) -> Places {
        let items = (0..count).map(|item| (item, ())).collect();
        Window { items, ..Places::default() }
    }

    #[test]
    fn there_is_something_to_fetch_once_something_was_left_out() {
        let mut window = filled(0);
        assert!(!window.is_crowded() && window.fetch(4).is_none());
        window.missed();
        assert!(window.is_crowded());
        assert_eq!(window.fetch(4), Some(Pass::default()));
        assert_eq!(window.fetch(4), None, "it is under way");
        window.restart();
        assert_eq!(window.fetch(4), Some(Pass::default()), "it is no longer waited for");
    }

    #[test]
    fn it_is_fetched_when_half_is_free() {
        for (limit, held) in [(4, 2), (5, 2), (1, 0)] {
            for (count, fetches) in [(held, true), (held + 1, false)] {
                let mut window = filled(count);
                window.restart();
                assert_eq!(window.fetch(limit).is_some(), fetches, "{count} of {limit} are held");
            }
        }
        assert_eq!((filled(3).room(4), filled(3).room(2)), (1, 0));
    }

    #[test]
    fn a_pass_goes_through_all_segments_and_anew_for_what_was_left_out_meanwhile() {
        let position = || Some(Position::Key(abide_machine::Key::Promise("a".into())));
        let mut window = filled(0);
        window.restart();
        let first = window.fetch(4).unwrap();
        window.fetched(first, position(), 2);
        let second = window.fetch(4).unwrap();
        assert_eq!(second, Pass { segment: 0, after: position() });
        window.missed();
        window.fetched(second, None, 2);
        let third = window.fetch(4).unwrap();
        assert_eq!(third, Pass { segment: 1, after: None });
        window.fetched(third, None, 2);
        let again = window.fetch(4).unwrap();
        assert_eq!(again, Pass::default());
        window.fetched(Pass { segment: 1, after: None }, None, 2);
        assert!(!window.is_crowded(), "nothing was left out since");
    }
}
