use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use abide_engine::{Commit, Found, Page, Position, Range};
use abide_machine::{Entry, Key, Promise, Row, Task, entries};
use abide_protocol::{Id, Millis};

/// What is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) index: BTreeSet<Entry>,
    /// The latest time at which a committed step ran.
    pub(crate) clock: Millis,
}

impl Disk {
    /// Applies a batch, and checks that the index is what the rows say.
    pub(crate) fn commit(&mut self, commit: &Commit) {
        self.clock = self.clock.max(commit.clock);
        for (key, row) in &commit.rows {
            match row {
                Some(row) => {
                    assert_eq!(row.key(), *key, "a row is stored under its key");
                    self.rows.insert(key.clone(), row.clone());
                }
                None => {
                    self.rows.remove(key);
                }
            }
        }
        for entry in &commit.delete {
            assert!(
                self.index.remove(entry),
                "an index entry that is deleted was there: {entry:?}"
            );
        }
        for entry in &commit.put {
            assert!(
                self.index.insert(entry.clone()),
                "an index entry that is put was not there: {entry:?}"
            );
        }
        let derived: BTreeSet<Entry> = self.rows.values().flat_map(entries).collect();
        assert_eq!(self.index, derived, "the index is what the rows say");
    }

    pub(crate) fn load(&self, keys: Vec<Key>) -> Vec<(Key, Option<Row>)> {
        keys.into_iter().map(|key| (key.clone(), self.rows.get(&key).cloned())).collect()
    }

    pub(crate) fn scan(&self, range: &Range, after: Option<&Position>, limit: usize) -> Page {
        assert!(limit > 0, "a scan asks for something");
        if range.first_key().is_some() {
            let after = match after {
                Some(Position::Key(key)) => Some(key),
                Some(other) => panic!("{other:?} is no place in {range:?}"),
                None => None,
            };
            let rows = self.rows.iter().filter(|(key, _)| range.holds_key(key));
            let mut rows = rows.filter(|(key, _)| after.is_none_or(|after| *key > after));
            let found = rows.by_ref().take(limit).map(|(_, row)| row.clone()).collect();
            Page { found: Found::Rows(found), more: rows.next().is_some() }
        } else {
            let after = match after {
                Some(Position::Entry(entry)) => Some(entry),
                Some(other) => panic!("{other:?} is no place in {range:?}"),
                None => None,
            };
            let entries = self.index.iter().filter(|entry| range.holds_entry(entry));
            let mut entries = entries.filter(|entry| after.is_none_or(|after| *entry > after));
            let found = entries.by_ref().take(limit).cloned().collect();
            Page { found: Found::Entries(found), more: entries.next().is_some() }
        }
    }

    pub(crate) fn promise(&self, id: &Id) -> Option<&Promise> {
        match self.rows.get(&Key::Promise(id.clone()))? {
            Row::Promise(promise) => Some(promise),
            other => panic!("{other:?} is stored as a promise"),
        }
    }

    pub(crate) fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        match self.rows.get(&Key::Task(id.clone()))? {
            Row::Task(task) => Some(task),
            other => panic!("{other:?} is stored as a task"),
        }
    }
}
