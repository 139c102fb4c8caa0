use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use abide_machine::{Key, Row};

use crate::explore::rows::Rows;

/// How many keys a scope may have.
pub(super) const SLOTS: usize = 16;

/// Every image that a record has had, by number. 0 is none. A state names them by their numbers,
/// so it is small, and comparing states is comparing numbers.
pub(super) struct Cells {
    keys: Vec<Key>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    rows: Vec<Row>,
    numbers: HashMap<Row, u32>,
}

impl Cells {
    /// None yet, for records of these keys. A key may be named several times.
    pub(super) fn new(keys: impl Iterator<Item = Key>) -> Self {
        let mut keys: Vec<Key> = keys.collect();
        keys.sort();
        keys.dedup();
        assert!(keys.len() <= SLOTS, "{} keys are more than {SLOTS}: {keys:?}", keys.len());
        Cells { keys, known: Mutex::default() }
    }

    /// The place of a key.
    pub(super) fn slot(&self, key: &Key) -> usize {
        let place = self.keys.iter().position(|other| other == key);
        place.unwrap_or_else(|| panic!("{key:?} is not in the scope"))
    }

    /// The number of an image.
    pub(super) fn of(&self, row: Option<&Row>) -> u32 {
        let Some(row) = row else { return 0 };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(row) {
            return *number;
        }
        known.rows.push(row.clone());
        let number = known.rows.len() as u32;
        known.numbers.insert(row.clone(), number);
        number
    }
}

/// A thread's own copy of the images, so that threads do not count references to the same ones.
#[derive(Default)]
pub(super) struct Mirror {
    keys: Vec<Key>,
    rows: Vec<Row>,
}

impl Mirror {
    fn catch_up(&mut self, cells: &Cells) {
        if self.keys.is_empty() {
            self.keys = cells.keys.clone();
        }
        let known = cells.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.rows.extend(known.rows[self.rows.len()..].iter().map(own));
    }

    /// The image of this number.
    pub(super) fn row(&mut self, number: u32, cells: &Cells) -> Option<&Row> {
        let place = (number as usize).checked_sub(1)?;
        if place >= self.rows.len() {
            self.catch_up(cells);
        }
        self.rows.get(place)
    }

    /// The records of a state.
    pub(super) fn rows(&mut self, numbers: &[u32], cells: &Cells) -> Rows {
        let most = numbers.iter().max().copied().unwrap_or(0) as usize;
        if most > self.rows.len() || self.keys.is_empty() {
            self.catch_up(cells);
        }
        let stored = self.keys.iter().zip(numbers).filter(|(_, number)| **number > 0);
        stored.map(|(key, number)| (key.clone(), self.rows[*number as usize - 1].clone())).collect()
    }
}

fn own(row: &Row) -> Row {
    match row {
        Row::Promise(row) => Row::Promise(Arc::new((**row).clone())),
        Row::Task(row) => Row::Task(Arc::new((**row).clone())),
        Row::Schedule(row) => Row::Schedule(Arc::new((**row).clone())),
        Row::Unblock(row) => Row::Unblock(Arc::new((**row).clone())),
    }
}
