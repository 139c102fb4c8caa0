use std::{collections::VecDeque, sync::Arc};

use abide_machine::{Key, Promise, Row, Schedule, Task, View};
use abide_protocol::Id;

use crate::{io::Batch, siblings::Siblings, table::Table, weight};

/// How many rows one round of eviction looks at, at most.
const EVICTION_ROUND: usize = 4_096;

/// The rows in memory, and the keys known to have none. Everything that a step reads is here;
/// rows that are not durable yet are nowhere else.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Cache {
    slots: Table<Key, Slot>,
    /// The order of eviction: a row that was used since it was last looked at gets another turn.
    ring: VecDeque<Key>,
    bytes: usize,
    /// Which promises are known to be here if they are anywhere.
    pub(crate) siblings: Siblings,
}

/// A row in memory, or a key known to have none.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Slot {
    pub(crate) row: Option<Row>,
    /// The last batch that wrote it; 0 if none has since it was loaded.
    pub(crate) batch: Batch,
    /// Its place in that batch, for as long as the batch gathers.
    place: usize,
    bytes: usize,
    /// How many waiting jobs need it.
    pins: usize,
    used: bool,
}

/// What was there before a row was written, and how heavy it is now.
pub(crate) struct Written {
    pub(crate) old: Option<Row>,
    /// The batch that had last written it, and its place in that one.
    pub(crate) batch: Batch,
    pub(crate) place: usize,
    pub(crate) bytes: usize,
}

impl Slot {
    /// Whether there is no task of this promise: where no promise is, or one without a target,
    /// there is none.
    pub(crate) fn has_no_task(&self) -> bool {
        match &self.row {
            Some(Row::Promise(promise)) => promise.record.tags.target().is_none(),
            _ => true,
        }
    }
}

impl Cache {
    /// The row, if it is here or is known to be absent. It counts as a use.
    pub(crate) fn touch(&mut self, key: &Key) -> Option<&Slot> {
        let slot = self.slots.get_mut(key)?;
        slot.used = true;
        Some(slot)
    }

    /// Whether there is no such row, though it is not known of this row by itself: it would be here
    /// with its siblings, or with its promise.
    pub(crate) fn lacks(&self, key: &Key) -> bool {
        match key {
            Key::Promise(id) => self.siblings.are_here(id),
            Key::Task(id) => {
                let promise = Key::Promise(id.clone());
                self.slots.get(&promise).map_or_else(|| self.lacks(&promise), Slot::has_no_task)
            }
            Key::Schedule(_) | Key::Unblock(..) => false,
        }
    }

    /// Whether the row is here, or is known to be absent.
    pub(crate) fn holds(&self, key: &Key) -> bool {
        self.slots.contains(key)
    }

    /// The row; `None` when there is none or it is not here.
    pub(crate) fn row(&self, key: &Key) -> Option<&Row> {
        self.slots.get(key)?.row.as_ref()
    }

    /// Takes in what was loaded for so many jobs, and keeps it here until it is unpinned as often.
    /// Only what is not here is loaded, and nothing is written in the meantime: a step that writes a
    /// row waits for it, and messages, which are written without being read, are never loaded.
    pub(crate) fn loaded(&mut self, key: Key, row: Option<Row>, pins: usize) {
        debug_assert!(!self.holds(&key), "{key:?} was loaded and is here");
        let bytes = row.as_ref().map_or(0, weight::of_row);
        self.insert(key, Slot { row, batch: 0, place: 0, bytes, pins, used: false });
    }

    /// Writes a row in a place of a batch, unless it has one there already.
    pub(crate) fn write(
        &mut self,
        key: &Key,
        row: Option<Row>,
        batch: Batch,
        place: usize,
    ) -> Written {
        let bytes = row.as_ref().map_or(0, weight::of_row);
        let Some(slot) = self.slots.get_mut(key) else {
            let written = Written { old: None, batch: 0, place: 0, bytes };
            self.insert(key.clone(), Slot { row, batch, place, bytes, pins: 0, used: true });
            return written;
        };
        self.bytes = self.bytes - slot.bytes + bytes;
        slot.bytes = bytes;
        slot.used = true;
        let old = std::mem::replace(&mut slot.row, row);
        let written = Written { old, batch: slot.batch, place: slot.place, bytes };
        if slot.batch != batch {
            (slot.batch, slot.place) = (batch, place);
        }
        written
    }

    fn insert(&mut self, key: Key, slot: Slot) {
        self.bytes += slot.bytes + weight::of_key(&key);
        self.ring.push_back(key.clone());
        self.slots.insert(key, slot);
    }

    /// Keeps the key here, if it is, until it is unpinned as often.
    pub(crate) fn pin(&mut self, key: &Key) -> bool {
        let slot = self.slots.get_mut(key);
        slot.map(|slot| slot.pins += 1).is_some()
    }

    /// Takes one pin away. What is pinned stays, unless a reset has forgotten all there was.
    pub(crate) fn unpin(&mut self, key: &Key) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.pins -= 1;
        }
    }

    /// Makes room, if more than `budget` bytes are here. Rows written by a batch after `safe` stay,
    /// and so do pinned ones. Says how many rows it has looked at.
    pub(crate) fn evict(&mut self, budget: usize, safe: Batch) -> usize {
        // Whatever is still here after its second turn stays: to go round again would be in vain.
        let round = EVICTION_ROUND.min(2 * self.ring.len());
        for looked_at in 0..round {
            if self.bytes <= budget {
                return looked_at;
            }
            let Some(key) = self.ring.pop_front() else { return looked_at };
            let slot = self.slots.get_mut(&key).expect("the ring holds what the table holds");
            let dirty = slot.batch > safe && !fault!(EvictDirty);
            if slot.used || dirty || slot.pins > 0 {
                slot.used = false;
                self.ring.push_back(key);
            } else {
                self.bytes -= slot.bytes + weight::of_key(&key);
                if let Some(Row::Promise(promise)) =
                    self.slots.remove(&key).and_then(|slot| slot.row)
                {
                    self.siblings.left(&promise.record.id);
                }
            }
        }
        round
    }
}

impl View for Cache {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        match self.row(&Key::Promise(id.clone()))? {
            Row::Promise(promise) => Some(promise),
            _ => unreachable!("a row is stored under its key"),
        }
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        match self.row(&Key::Task(id.clone()))? {
            Row::Task(task) => Some(task),
            _ => unreachable!("a row is stored under its key"),
        }
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        match self.row(&Key::Schedule(id.clone()))? {
            Row::Schedule(schedule) => Some(schedule),
            _ => unreachable!("a row is stored under its key"),
        }
    }
}

#[cfg(feature = "testing")]
impl Cache {
    pub(crate) fn name_batches(&mut self, renamed: &crate::testing::Renamed, gathers: Batch) {
        for slot in self.slots.values_mut() {
            if slot.batch != gathers {
                slot.place = 0;
            }
            slot.batch = renamed.batch(slot.batch);
        }
    }

    /// Forgets what was used when.
    pub(crate) fn forget_uses(&mut self) {
        self.ring.clear();
        self.siblings.forget_order();
        self.slots.values_mut().for_each(|slot| slot.used = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_have_to_stay_are_not_looked_at_again_and_again() {
        let mut cache = Cache::default();
        for id in ["a", "b", "c"] {
            cache.write(&Key::Promise(id.into()), None, 7, 0);
        }
        assert_eq!(cache.evict(0, 6), 6, "each is looked at twice");
        assert!(cache.holds(&Key::Promise("a".into())));
        assert_eq!(cache.evict(0, 7), 3);
        assert!(!cache.holds(&Key::Promise("a".into())));
    }

    fn key(id: &str) -> Key {
        Key::Promise(id.into())
    }

    fn row(id: &str) -> Row {
        let unblock = abide_machine::Unblock { address: "a".into(), promise: id.into() };
        Row::Unblock(Arc::new(unblock))
    }

    /// The bytes of one of the rows with its key.
    fn each() -> usize {
        weight::of_key(&key("a")) + weight::of_row(&row("a"))
    }

    #[test]
    fn a_row_that_is_written_again_takes_no_more_room() {
        let mut cache = Cache::default();
        (1..9).for_each(|batch| drop(cache.write(&key("a"), Some(row("a")), batch, 0)));
        assert_eq!(cache.evict(each(), 9), 0, "there is no need to look");
        cache.write(&key("a"), None, 9, 0);
        assert_eq!(cache.evict(weight::of_key(&key("a")), 9), 0, "there is only the key");
    }

    #[test]
    fn no_more_goes_than_has_to() {
        let mut cache = Cache::default();
        for id in ["a", "b", "c", "d"] {
            cache.loaded(key(id), Some(row(id)), 0);
        }
        assert_eq!(cache.evict(2 * each(), 0), 2);
        assert_eq!(
            ["a", "b", "c", "d"].map(|id| cache.holds(&key(id))),
            [false, false, true, true]
        );
        cache.loaded(key("a"), Some(row("a")), 0);
        assert_eq!(cache.evict(3 * each(), 0), 0);
    }

    #[test]
    fn what_is_pinned_stays() {
        let mut cache = Cache::default();
        assert!(!cache.pin(&key("a")), "it is not here");
        cache.loaded(key("a"), Some(row("a")), 2);
        assert!(cache.pin(&key("a")));
        for _ in 0..3 {
            cache.evict(0, 0);
            assert!(cache.holds(&key("a")));
            cache.unpin(&key("a"));
        }
        cache.evict(0, 0);
        assert!(!cache.holds(&key("a")));
    }
}
