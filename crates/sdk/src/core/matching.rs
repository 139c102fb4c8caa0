//! Matching the calls of a replayed turn to the records of that turn (rule 7).

use std::{collections::VecDeque, ops::Range, sync::Arc};

use super::{
    ask::{Ask, Identity, Kind},
    record::{Recorded, Records},
    rule::Rule,
    site::Site,
};
use crate::hash::HashMap;

/// The records of a turn up to which they are looked through one by one: most turns wrote one, and
/// tables would cost more than they save.
const FEW: usize = 4;

/// The records of one turn that no call has been matched to yet.
#[derive(Debug)]
pub(crate) struct Matching {
    records: Arc<Records>,
    /// Where they are among all.
    turn: Range<usize>,
    free: Vec<bool>,
    left: usize,
    /// Where there are many.
    tables: Tables,
}

#[derive(Debug, Default)]
struct Tables {
    exact: HashMap<(Identity, Site, u32), usize>,
    by_site: HashMap<(Identity, Site), VecDeque<usize>>,
    by_identity: HashMap<Identity, VecDeque<usize>>,
}

impl Matching {
    /// The records of turn 0, none of them taken.
    pub(crate) fn new(records: Arc<Records>) -> Self {
        let (free, tables) = (Vec::new(), Tables::default());
        let mut this = Self { records, turn: 0..0, free, left: 0, tables };
        this.enter(0);
        this
    }

    /// Goes on to the records of `turn`, none of them taken.
    pub(crate) fn enter(&mut self, turn: u64) {
        self.turn = self.records.of_turn(turn);
        let records = &self.records.all[self.turn.clone()];
        // A marker is written by the core itself; nobody asks for it.
        let asked_for = |record: &Recorded| record.trace.identity.kind != Kind::Marker;
        self.free.clear();
        self.free.extend(records.iter().map(asked_for));
        self.left = self.free.iter().filter(|free| **free).count();
        self.tables = Tables::default();
        if records.len() <= FEW {
            return;
        }
        for (index, record) in records.iter().enumerate().filter(|(_, record)| asked_for(record)) {
            let (identity, site) = (record.trace.identity.clone(), record.trace.site.clone());
            let tables = &mut self.tables;
            let exact = (identity.clone(), site.clone(), record.trace.occurrence);
            tables.exact.insert(exact, index);
            tables.by_site.entry((identity.clone(), site)).or_default().push_back(index);
            tables.by_identity.entry(identity).or_default().push_back(index);
        }
    }

    /// The record of this very site and occurrence.
    pub(crate) fn exactly(&mut self, ask: &Ask, occurrence: u32) -> Option<usize> {
        if !Rule::MatchedByContent.holds() {
            return self.next();
        }
        let index = match self.few() {
            Some(few) => few.iter().rposition(|record| {
                record.trace.occurrence == occurrence && record.is_at(ask) && record.is(ask)
            })?,
            None => *self.tables.exact.get(&(ask.identity(), ask.site.clone(), occurrence))?,
        };
        self.claim(index)
    }

    /// Any record of this site.
    pub(crate) fn at_site(&mut self, ask: &Ask) -> Option<usize> {
        if self.few().is_some() {
            return self.first(|record| record.is_at(ask) && record.is(ask));
        }
        loop {
            let queue = self.tables.by_site.get_mut(&(ask.identity(), ask.site.clone()))?;
            let index = queue.pop_front()?;
            if let Some(index) = self.claim(index) {
                return Some(index);
            }
        }
    }

    /// Any record of what is asked for.
    pub(crate) fn anywhere(&mut self, ask: &Ask) -> Option<usize> {
        if self.few().is_some() {
            return self.first(|record| record.is(ask));
        }
        loop {
            let index = self.tables.by_identity.get_mut(&ask.identity())?.pop_front()?;
            if let Some(index) = self.claim(index) {
                return Some(index);
            }
        }
    }

    /// Whether the turn wrote a marker.
    pub(crate) fn has_marker(&self) -> bool {
        self.of_turn().iter().any(|record| record.trace.identity.kind == Kind::Marker)
    }

    fn of_turn(&self) -> &[Recorded] {
        &self.records.all[self.turn.clone()]
    }

    /// The records of the turn, if they are few.
    fn few(&self) -> Option<&[Recorded]> {
        Some(self.of_turn()).filter(|records| records.len() <= FEW)
    }

    /// The first free record like that.
    fn first(&mut self, like: impl Fn(&Recorded) -> bool) -> Option<usize> {
        let records = self.of_turn();
        let mut indices = 0..records.len();
        let index = indices.find(|index| self.free[*index] && like(&records[*index]))?;
        self.claim(index)
    }

    /// The record at an index that a match gave.
    pub(crate) fn record(&self, index: usize) -> &Recorded {
        &self.of_turn()[index]
    }

    /// The first record that nobody asked for.
    pub(crate) fn unclaimed(&self) -> Option<&Recorded> {
        if self.left == 0 { None } else { self.free().next() }
    }

    /// The records that nobody asked for.
    pub(crate) fn free(&self) -> impl Iterator<Item = &Recorded> {
        let free = self.free.iter().enumerate().filter(|(_, free)| **free);
        free.map(|(index, _)| self.record(index))
    }

    fn claim(&mut self, index: usize) -> Option<usize> {
        std::mem::take(&mut self.free[index]).then(|| {
            self.left -= 1;
            index
        })
    }

    /// The next record, whatever it is: what counting would do.
    fn next(&mut self) -> Option<usize> {
        let index = self.free.iter().position(|free| *free)?;
        self.claim(index)
    }
}

impl Recorded {
    /// Whether it records such a call.
    fn is(&self, ask: &Ask) -> bool {
        let identity = &self.trace.identity;
        identity.fingerprint == ask.fingerprint
            && identity.kind == ask.kind
            && identity.func == ask.func
    }

    /// Whether it records a call from that place.
    fn is_at(&self, ask: &Ask) -> bool {
        self.trace.site == ask.site
    }
}
