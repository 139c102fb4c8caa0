//! The store: rows in order, and entries derived from them.

use std::collections::BTreeSet;

use abide_engine::{Commit, Page, Position, Range};
use abide_machine::{Entry, Key, Row, entries};

use crate::explore::{Violation, rows::Rows};

/// What a shard wants to read.
#[derive(Clone, Debug, Hash)]
pub(super) enum Wanted {
    /// These rows.
    Rows(Vec<Key>),
    /// A page.
    Page { range: Range, after: Option<Position>, limit: usize },
}

/// What was read.
#[derive(Clone, Debug, Hash)]
pub(super) enum Found {
    Rows(Vec<(Key, Option<Row>)>),
    Page(Page),
}

/// Reads what is durable.
pub(super) fn read(rows: &Rows, wanted: &Wanted) -> Found {
    match wanted {
        Wanted::Rows(keys) => {
            let found = keys.iter().map(|key| (key.clone(), rows.get(key).cloned()));
            Found::Rows(found.collect())
        }
        Wanted::Page { range, after, limit } => {
            Found::Page(page(rows, range, after.as_ref(), *limit))
        }
    }
}

fn page(rows: &Rows, range: &Range, after: Option<&Position>, limit: usize) -> Page {
    assert!(limit > 0, "a scan asks for something");
    let is_after = |position: &Position| after.is_none_or(|after| position > after);
    let (found, more) = if range.first_key().is_some() {
        let held = rows.iter().filter(|(key, _)| range.holds_key(key));
        let mut held = held.filter(|(key, _)| is_after(&Position::Key((*key).clone())));
        let found = held.by_ref().take(limit).map(|(_, row)| row.clone()).collect();
        (abide_engine::Found::Rows(found), held.next().is_some())
    } else {
        let held = rows.values().flat_map(entries).filter(|entry| range.holds_entry(entry));
        let held: BTreeSet<Entry> = held.collect();
        let mut held = held.into_iter().filter(|entry| is_after(&Position::Entry(entry.clone())));
        let found = held.by_ref().take(limit).collect();
        (abide_engine::Found::Entries(found), held.next().is_some())
    };
    Page { found, more }
}

/// Makes a batch durable, and checks that it changes the index as its rows say.
pub(super) fn commit(rows: &mut Rows, commit: &Commit) -> Result<(), Violation> {
    let what = "the index is what the rows say";
    let mut index = BTreeSet::new();
    for (key, row) in &commit.rows {
        index.extend(rows.get(key).iter().flat_map(|row| entries(row)));
        match row {
            Some(row) => rows.insert(key.clone(), row.clone()),
            None => rows.remove(key),
        };
    }
    for entry in &commit.delete {
        if !index.remove(entry) {
            return Err(Violation::new(what, format!("{entry:?} is deleted and was not there")));
        }
    }
    for entry in &commit.put {
        if !index.insert(entry.clone()) {
            return Err(Violation::new(what, format!("{entry:?} is put and was there")));
        }
    }
    let derived: BTreeSet<Entry> =
        commit.rows.iter().filter_map(|(_, row)| row.as_ref()).flat_map(entries).collect();
    if index == derived {
        return Ok(());
    }
    Err(Violation::new(what, format!("{index:?} is stored for {:?}", commit.rows)))
}
