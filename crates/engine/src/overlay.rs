use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Bound,
};

use abide_machine::{Entry, Key, Row};
use abide_protocol::Id;

use crate::{
    cache::Cache,
    io::{Batch, Range},
};

/// What has changed in memory and may not be in the store yet, in order, so that a scan is the
/// store's page with this laid over it.
///
/// A change stays until its batch is durable and no scan is under way that began before it was.
/// Most go again before anybody looks, so they are put in order when somebody does.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Overlay {
    /// What has changed since somebody looked, oldest first, and whether it is there now.
    fresh: VecDeque<(Batch, Change, bool)>,
    entries: BTreeMap<Entry, (bool, Batch)>,
    keys: BTreeMap<Key, Batch>,
    log: VecDeque<(Batch, Vec<Change>)>,
}

#[cfg_attr(feature = "testing", derive(Clone, Hash))]
enum Change {
    Entry(Entry),
    Key(Key),
}

/// What a scan saw, and the newest batch it saw something of.
pub(crate) struct Merged<T> {
    pub(crate) found: Vec<T>,
    pub(crate) batch: Batch,
}

impl Overlay {
    /// Notes that an entry has come or gone.
    pub(crate) fn entry(&mut self, entry: Entry, present: bool, batch: Batch) {
        self.fresh.push_back((batch, Change::Entry(entry), present));
    }

    /// Notes that a row has been written or deleted.
    pub(crate) fn key(&mut self, key: Key, batch: Batch) {
        self.fresh.push_back((batch, Change::Key(key), true));
    }

    /// Puts in order what has changed since somebody looked.
    fn sort(&mut self) {
        while let Some((batch, change, present)) = self.fresh.pop_front() {
            let before = match &change {
                Change::Entry(entry) => {
                    let before = self.entries.insert(entry.clone(), (present, batch));
                    before.map(|(_, last)| last)
                }
                Change::Key(key) => self.keys.insert(key.clone(), batch),
            };
            if before != Some(batch) {
                self.log(batch).push(change);
            }
        }
    }

    fn log(&mut self, batch: Batch) -> &mut Vec<Change> {
        if self.log.back().is_none_or(|(last, _)| *last != batch) {
            self.log.push_back((batch, Vec::new()));
        }
        &mut self.log.back_mut().expect("just pushed").1
    }

    /// Forgets what the batches up to this one have changed.
    pub(crate) fn prune(&mut self, upto: Batch) {
        while self.fresh.pop_front_if(|(batch, ..)| *batch <= upto).is_some() {}
        while let Some((_, changes)) = self.log.pop_front_if(|(batch, _)| *batch <= upto) {
            for change in changes {
                match change {
                    Change::Entry(entry) => {
                        if self.entries.get(&entry).is_some_and(|(_, last)| *last <= upto) {
                            self.entries.remove(&entry);
                        }
                    }
                    Change::Key(key) => {
                        if self.keys.get(&key).is_some_and(|last| *last <= upto) {
                            self.keys.remove(&key);
                        }
                    }
                }
            }
        }
    }

    /// The promises below this one that have been written or deleted.
    pub(crate) fn below<'a>(&'a mut self, id: &'a Id) -> impl Iterator<Item = &'a Id> {
        self.sort();
        let begin = self.keys.range(Key::Promise(id.clone())..).map_while(|(key, _)| match key {
            Key::Promise(other) if other.starts_with(id.as_str()) => Some(other),
            _ => None,
        });
        begin.filter(|other| other.extends(id))
    }

    /// A page of entries with the changes laid over it. `more` says that the page ends before the
    /// range does, so that changes beyond it belong to the next one.
    pub(crate) fn merge_entries(
        &mut self,
        range: &Range,
        after: Option<&Entry>,
        page: Vec<Entry>,
        more: bool,
    ) -> Merged<Entry> {
        self.sort();
        let first = range.first_entry().expect("a range of entries");
        let bounds = (after.map_or(Bound::Included(&first), Bound::Excluded), Bound::Unbounded);
        let last = page.last().filter(|_| more);
        let changes: Vec<(&Entry, bool, Batch)> = self
            .entries
            .range::<Entry, _>(bounds)
            .take_while(|(entry, _)| range.holds_entry(entry))
            .take_while(|(entry, _)| last.is_none_or(|last| *entry <= last))
            .map(|(entry, (present, batch))| (entry, *present, *batch))
            .collect();
        let batch = changes.iter().map(|(.., batch)| *batch).max().unwrap_or(0);
        if changes.is_empty() {
            return Merged { found: page, batch };
        }
        let mut found: BTreeSet<Entry> = page.into_iter().collect();
        for (entry, present, _) in changes {
            if present {
                found.insert(entry.clone());
            } else {
                found.remove(entry);
            }
        }
        Merged { found: found.into_iter().collect(), batch }
    }

    /// The same for a page of rows.
    pub(crate) fn merge_rows(
        &mut self,
        cache: &Cache,
        range: &Range,
        after: Option<&Key>,
        page: Vec<Row>,
        more: bool,
    ) -> Merged<Row> {
        self.sort();
        let first = range.first_key().expect("a range of rows");
        let bounds = (after.map_or(Bound::Included(&first), Bound::Excluded), Bound::Unbounded);
        let last = page.last().filter(|_| more).map(Row::key);
        let changes: Vec<(&Key, Batch)> = self
            .keys
            .range::<Key, _>(bounds)
            .take_while(|(key, _)| range.holds_key(key))
            .take_while(|(key, _)| last.as_ref().is_none_or(|last| *key <= last))
            .map(|(key, batch)| (key, *batch))
            .collect();
        let batch = changes.iter().map(|(_, batch)| *batch).max().unwrap_or(0);
        if changes.is_empty() {
            return Merged { found: page, batch };
        }
        let mut found: BTreeMap<Key, Row> = page.into_iter().map(|row| (row.key(), row)).collect();
        for (key, _) in changes {
            // What the overlay names is kept in memory, so a row that is not there is deleted.
            match cache.row(key) {
                Some(row) => found.insert(key.clone(), row.clone()),
                None if fault!(DeletedFound) => None,
                None => found.remove(key),
            };
        }
        Merged { found: found.into_values().collect(), batch }
    }
}

#[cfg(feature = "testing")]
impl Overlay {
    pub(crate) fn name_batches(&mut self, renamed: &crate::testing::Renamed) {
        self.sort();
        let entries = self.entries.values_mut().map(|(_, batch)| batch);
        let log = self.log.iter_mut().map(|(batch, _)| batch);
        let batches = entries.chain(self.keys.values_mut()).chain(log);
        batches.for_each(|batch| *batch = renamed.batch(*batch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Key {
        Key::Promise(id.into())
    }

    fn entry(id: &str) -> Entry {
        Entry::Owned("r".into(), id.into())
    }

    fn size(overlay: &Overlay) -> [usize; 3] {
        [overlay.entries.len(), overlay.keys.len(), overlay.log.len()]
    }

    fn noted() -> Overlay {
        let mut overlay = Overlay::default();
        for batch in 1..=3 {
            for present in [true, false, true] {
                overlay.entry(entry("a"), present, batch);
                overlay.key(key("a"), batch);
            }
            if batch == 2 {
                overlay.entry(entry("b"), true, batch);
                overlay.key(key("b"), batch);
            }
        }
        overlay
    }

    const LEFT: [(Batch, [usize; 3]); 4] =
        [(0, [2, 2, 3]), (1, [2, 2, 2]), (2, [1, 1, 1]), (3, [0, 0, 0])];

    #[test]
    fn a_change_stays_until_its_last_batch_is_durable_and_then_goes() {
        let mut overlay = noted();
        overlay.sort();
        for (upto, left) in LEFT {
            overlay.prune(upto);
            assert_eq!(size(&overlay), left, "{upto} batches are durable");
        }
    }

    #[test]
    fn a_change_goes_as_well_if_nobody_has_looked() {
        for (upto, left) in LEFT {
            let mut overlay = noted();
            overlay.prune(upto);
            overlay.sort();
            assert_eq!(size(&overlay), left, "{upto} batches are durable");
        }
    }

    #[test]
    fn a_change_is_noted_once_a_batch() {
        let mut overlay = Overlay::default();
        for _ in 0..3 {
            overlay.entry(entry("a"), true, 1);
            overlay.key(key("a"), 1);
        }
        overlay.sort();
        assert_eq!(overlay.log[0].1.len(), 2);
    }
}
