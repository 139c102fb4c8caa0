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
