use std::sync::Arc;

use abide_machine::{Key, Phase, Promise, Row, Schedule, Task, View};
use abide_protocol::{Id, Millis};

use crate::{
    io::Batch,
    limits::{EVICTION_ROUND, Limits},
    ring::{Ring, Turn},
    siblings::Siblings,
    table::Table,
    weight,
};

/// The rows in memory, and the keys known to have none. Everything that a step reads is here;
/// rows that are not durable yet are nowhere else.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Cache {
    slots: Table<Key, Slot>,
    /// The order in which rows are evicted, of those of each state.
    rings: [Ring; 3],
    /// Which promises are known to be here if they are anywhere.
    pub(crate) siblings: Siblings,
}

/// What may still become of a row. Those of each state are in a ring of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "testing", derive(Hash))]
enum State {
    /// Something will happen to it.
    Live,
    /// It is a task that is done, or the promise of one: whoever has called it may ask for it.
    Done,
    /// It is a promise that is done and never was a task, such as a step that an execution has
    /// recorded. It is asked for if the execution goes over its steps again.
    Recorded,
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
    /// In which ring it is, and its turn there.
    state: State,
    turn: Turn,
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
    fn new(row: Option<Row>, pins: usize) -> Self {
        let bytes = row.as_ref().map_or(0, weight::of_row);
        let state = State::of(row.as_ref());
        Slot { row, batch: 0, place: 0, bytes, pins, used: false, state, turn: 0 }
    }

    /// Whether this is its turn in the ring of a state.
    fn has(&self, state: State, turn: Turn) -> bool {
        self.state == state && self.turn == turn
    }

    /// Whether there is no task of this promise: where no promise is, or one without a target,
    /// there is none.
    pub(crate) fn has_no_task(&self) -> bool {
        match &self.row {
            Some(Row::Promise(promise)) => promise.record.tags.target().is_none(),
            _ => true,
        }
    }
}

impl State {
    fn of(row: Option<&Row>) -> Self {
        match row {
            Some(Row::Promise(promise)) if promise.is_done(Millis::MIN) => {
                match promise.record.tags.target() {
                    Some(_) => State::Done,
                    None => State::Recorded,
                }
            }
            Some(Row::Task(task)) if task.phase == Phase::Fulfilled => State::Done,
            _ => State::Live,
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
            Key::Promise(id) => self.siblings.would_be_here(id),
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
        self.insert(key, Slot::new(row, pins));
    }

    /// Writes a row in a place of a batch, unless it has one there already.
    pub(crate) fn write(
        &mut self,
        key: &Key,
        row: Option<Row>,
        batch: Batch,
        place: usize,
    ) -> Written {
        let mut new = Slot { batch, place, ..Slot::new(row, 0) };
        // What is done has been used for the last time, as far as anybody knows.
        new.used = new.state == State::Live;
        let bytes = new.bytes;
        let Some(slot) = self.slots.get_mut(key) else {
            self.insert(key.clone(), new);
            return Written { old: None, batch: 0, place: 0, bytes };
        };
        let key_bytes = weight::of_key(key);
        let (before, after) = (key_bytes + slot.bytes, key_bytes + bytes);
        let written = Written { old: slot.row.take(), batch: slot.batch, place: slot.place, bytes };
        new.pins = slot.pins;
        if slot.batch == batch {
            new.place = slot.place;
        }
        let ring = &mut self.rings[slot.state as usize];
        if slot.state == new.state {
            ring.reweigh(before, after);
            new.turn = slot.turn;
        } else {
            ring.leave(before);
            new.turn = self.rings[new.state as usize].enter(key.clone(), after);
        }
        *slot = new;
        written
    }

    fn insert(&mut self, key: Key, mut slot: Slot) {
        let bytes = weight::of_key(&key) + slot.bytes;
        slot.turn = self.rings[slot.state as usize].enter(key.clone(), bytes);
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

    /// Makes room, if more bytes are here than there should be. Rows written by a batch after `safe`
    /// stay, and so do pinned ones. Says how many rows it has looked at.
    pub(crate) fn evict(&mut self, limits: &Limits, safe: Batch) -> usize {
        let (mut room, mut looked_at) = (limits.cache_bytes, 0);
        for (state, most) in [
            (State::Recorded, limits.recorded_bytes),
            (State::Done, limits.done_bytes),
            (State::Live, usize::MAX),
        ] {
            looked_at += self.evict_from(state, room.min(most), safe);
            room = room.saturating_sub(self.rings[state as usize].bytes());
        }
        looked_at
    }

    fn evict_from(&mut self, state: State, budget: usize, safe: Batch) -> usize {
        let ring = &mut self.rings[state as usize];
        if ring.is_untidy() {
            tidy(ring, &mut self.slots, state);
        }
        // Whatever is still here after its second turn stays: to go round again would be in vain.
        let round = EVICTION_ROUND.min(2 * ring.places());
        for looked_at in 0..round {
            if ring.bytes() <= budget {
                return looked_at;
            }
            let Some((turn, key)) = ring.next() else { return looked_at };
            let slot = self.slots.get_mut(&key);
            let Some(slot) = slot.filter(|slot| slot.has(state, turn)) else { continue };
            let dirty = slot.batch > safe && !fault!(EvictDirty);
            if slot.used || dirty || slot.pins > 0 {
                slot.used = false;
                slot.turn = ring.again(key);
                if state != State::Live && dirty {
                    // What was done after it is dirty, too.
                    return looked_at + 1;
                }
            } else {
                ring.leave(slot.bytes + weight::of_key(&key));
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

/// Removes the places from a ring that rows have left behind.
fn tidy(ring: &mut Ring, slots: &mut Table<Key, Slot>, state: State) {
    ring.tidy(|key, old, new| {
        let slot = slots.get_mut(key).filter(|slot| slot.has(state, old));
        slot.map(|slot| slot.turn = new).is_some()
    });
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

    /// Forgets how many turns there have been.
    pub(crate) fn number_turns(&mut self) {
        for state in [State::Live, State::Done, State::Recorded] {
            tidy(&mut self.rings[state as usize], &mut self.slots, state);
        }
    }

    /// Forgets what was used when.
    pub(crate) fn forget_uses(&mut self) {
        self.rings.iter_mut().for_each(Ring::forget_order);
        self.siblings.forget_order();
        self.slots.values_mut().for_each(|slot| (slot.used, slot.turn) = (false, 0));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use abide_protocol::{PromiseRecord, PromiseState};

    use super::*;

    #[test]
    fn rows_that_have_to_stay_are_not_looked_at_again_and_again() {
        let mut cache = Cache::default();
        for id in ["a", "b", "c"] {
            cache.write(&Key::Promise(id.into()), None, 7, 0);
        }
        assert_eq!(cache.evict(&bytes(0), 6), 6, "each is looked at twice");
        assert!(cache.holds(&Key::Promise("a".into())));
        assert_eq!(cache.evict(&bytes(0), 7), 3);
        assert!(!cache.holds(&Key::Promise("a".into())));
    }

    fn bytes(cache_bytes: usize) -> Limits {
        Limits { cache_bytes, ..Limits::default() }
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
        assert_eq!(cache.evict(&bytes(each()), 9), 0, "there is no need to look");
        cache.write(&key("a"), None, 9, 0);
        assert_eq!(cache.evict(&bytes(weight::of_key(&key("a"))), 9), 0, "there is only the key");
    }

    #[test]
    fn no_more_goes_than_has_to() {
        let mut cache = Cache::default();
        for id in ["a", "b", "c", "d"] {
            cache.loaded(key(id), Some(row(id)), 0);
        }
        assert_eq!(cache.evict(&bytes(2 * each()), 0), 2);
        assert_eq!(
            ["a", "b", "c", "d"].map(|id| cache.holds(&key(id))),
            [false, false, true, true]
        );
        cache.loaded(key("a"), Some(row("a")), 0);
        assert_eq!(cache.evict(&bytes(3 * each()), 0), 0);
    }

    fn promise(id: &str, state: PromiseState) -> Row {
        let record = PromiseRecord {
            id: id.into(),
            state,
            param: Arc::default(),
            value: Arc::default(),
            tags: Arc::default(),
            timeout_at: 0,
            created_at: 0,
            settled_at: None,
        };
        Row::Promise(Arc::new(Promise {
            record: Arc::new(record),
            awaiters: BTreeSet::new(),
            listeners: BTreeSet::new(),
            unheard: BTreeSet::new(),
            cascading: false,
        }))
    }

    #[test]
    fn what_is_done_goes_first_and_as_soon_as_it_is_durable() {
        let mut cache = Cache::default();
        let none_done = Limits { done_bytes: 0, recorded_bytes: 0, ..Limits::default() };
        for (batch, id) in (1..).zip(["a", "b", "c"]) {
            cache.write(&key(id), Some(promise(id, PromiseState::Pending)), batch, 0);
        }
        cache.write(&key("b"), Some(promise("b", PromiseState::Resolved)), 4, 0);
        assert_eq!(cache.evict(&none_done, 3), 1, "it is not durable yet");
        assert_eq!(cache.evict(&none_done, 4), 1);
        assert_eq!(["a", "b", "c"].map(|id| cache.holds(&key(id))), [true, false, true]);
        cache.loaded(key("b"), Some(promise("b", PromiseState::Resolved)), 0);
        cache.touch(&key("b"));
        assert_eq!(cache.evict(&none_done, 4), 2, "who is asked for has another turn");
        assert!(!cache.holds(&key("b")));
        assert_eq!(cache.evict(&bytes(0), 4), 5, "two are used, and one place is empty");
        assert!(!["a", "b", "c"].iter().any(|id| cache.holds(&key(id))));
    }

    #[test]
    fn what_was_recorded_goes_before_what_a_caller_may_ask_for() {
        let mut cache = Cache::default();
        let Row::Promise(called) = promise("a", PromiseState::Resolved) else { unreachable!() };
        let mut called = Arc::unwrap_or_clone(called);
        let target = [(abide_protocol::tag::TARGET.to_owned(), "poll://any@w".to_owned())];
        Arc::make_mut(&mut called.record).tags = Arc::new(target.into_iter().collect());
        cache.write(&key("a"), Some(Row::Promise(called.into())), 1, 0);
        cache.write(&key("a:1"), Some(promise("a:1", PromiseState::Resolved)), 1, 0);
        let none_recorded = Limits { recorded_bytes: 0, ..Limits::default() };
        assert_eq!(cache.evict(&none_recorded, 1), 1);
        assert_eq!(["a", "a:1"].map(|id| cache.holds(&key(id))), [true, false]);
    }

    #[test]
    fn what_is_no_longer_done_is_counted_where_it_is() {
        let mut cache = Cache::default();
        for state in [PromiseState::Resolved, PromiseState::Pending, PromiseState::Rejected] {
            cache.write(&key("a"), Some(promise("a", state)), 1, 0);
        }
        cache.write(&key("a"), None, 1, 0);
        assert_eq!(cache.rings.each_ref().map(Ring::bytes), [weight::of_key(&key("a")), 0, 0]);
        cache.evict(&bytes(0), 1);
        assert_eq!(cache.rings.each_ref().map(Ring::bytes), [0; 3]);
    }

    #[test]
    fn an_id_that_is_used_again_and_again_takes_no_more_places() {
        let mut cache = Cache::default();
        for batch in 1..1_000 {
            for state in [PromiseState::Pending, PromiseState::Resolved] {
                cache.write(&key("a"), Some(promise("a", state)), batch, 0);
            }
            cache.write(&key("a"), None, batch, 0);
            cache.evict(&Limits::default(), batch);
        }
        assert!(cache.rings.iter().map(Ring::places).sum::<usize>() < 200);
        assert!(cache.holds(&key("a")));
    }

    #[test]
    fn what_is_pinned_stays() {
        let mut cache = Cache::default();
        assert!(!cache.pin(&key("a")), "it is not here");
        cache.loaded(key("a"), Some(row("a")), 2);
        assert!(cache.pin(&key("a")));
        for _ in 0..3 {
            cache.evict(&bytes(0), 0);
            assert!(cache.holds(&key("a")));
            cache.unpin(&key("a"));
        }
        cache.evict(&bytes(0), 0);
        assert!(!cache.holds(&key("a")));
    }
}
