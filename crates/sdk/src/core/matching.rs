//! Matching the calls of a replayed turn to the records of that turn (rule 7).

use std::{collections::VecDeque, sync::Arc};

use super::{
    ask::{Ask, Identity, Kind},
    record::{Recorded, Records},
    rule::Rule,
    site::Site,
};
use crate::hash::HashMap;

type Exact = (Identity, Site, u32);

/// The records of one turn that no call has been matched to yet.
#[derive(Debug)]
pub(crate) struct Matching {
    records: Arc<Records>,
    turn: u64,
    free: Vec<bool>,
    left: usize,
    exact: HashMap<Exact, usize>,
    by_site: HashMap<(Identity, Site), VecDeque<usize>>,
    by_identity: HashMap<Identity, VecDeque<usize>>,
}

impl Matching {
    /// The records of `turn`, none of them taken.
    pub(crate) fn new(records: Arc<Records>, turn: u64) -> Self {
        let mut this = Self {
            free: Vec::new(),
            left: 0,
            exact: HashMap::default(),
            by_site: HashMap::default(),
            by_identity: HashMap::default(),
            turn,
            records: records.clone(),
        };
        for (index, record) in records.of_turn(turn).iter().enumerate() {
            // A marker is written by the core itself; nobody asks for it.
            let asked_for = record.trace.identity.kind != Kind::Marker;
            this.free.push(asked_for);
            if !asked_for {
                continue;
            }
            this.left += 1;
            let (identity, site) = (record.trace.identity.clone(), record.trace.site.clone());
            this.exact.insert((identity.clone(), site.clone(), record.trace.occurrence), index);
            this.by_site.entry((identity.clone(), site)).or_default().push_back(index);
            this.by_identity.entry(identity).or_default().push_back(index);
        }
        this
    }

    /// The record of this very site and occurrence.
    pub(crate) fn exactly(&mut self, ask: &Ask, occurrence: u32) -> Option<usize> {
        if !Rule::MatchedByContent.holds() {
            return self.next();
        }
        let index = *self.exact.get(&(ask.identity(), ask.site.clone(), occurrence))?;
        self.claim(index)
    }

    /// Any record of this site.
    pub(crate) fn at_site(&mut self, ask: &Ask) -> Option<usize> {
        loop {
            let queue = self.by_site.get_mut(&(ask.identity(), ask.site.clone()))?;
            let index = queue.pop_front()?;
            if let Some(index) = self.claim(index) {
                return Some(index);
            }
        }
    }

    /// Any record of what is asked for.
    pub(crate) fn anywhere(&mut self, ask: &Ask) -> Option<usize> {
        loop {
            let index = self.by_identity.get_mut(&ask.identity())?.pop_front()?;
            if let Some(index) = self.claim(index) {
                return Some(index);
            }
        }
    }

    /// The record at an index that a match gave.
    pub(crate) fn record(&self, index: usize) -> &Recorded {
        &self.records.of_turn(self.turn)[index]
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
