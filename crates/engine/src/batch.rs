use abide_machine::{Key, Reindexing, Row};
use abide_protocol::Millis;

use crate::{
    io::{Batch, Commit},
    limits::Limits,
};

/// The batches: which are durable, which are under way, and the one that gathers.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
pub(crate) struct Batches {
    durable: Batch,
    sealed: Batch,
    /// What time the store knows of, and what time it will know of with the newest sealed batch.
    durable_time: Millis,
    sealed_time: Millis,
    /// Whether the gathering batch is to be written for its time alone.
    timed: bool,
    /// What the gathering batch has changed, in order.
    changed: Vec<Changed>,
    steps: usize,
    bytes: usize,
}

/// A row that has changed: what it is now, and what that does to the index.
#[cfg_attr(feature = "testing", derive(Clone, Hash))]
struct Changed {
    key: Key,
    row: Option<Row>,
    index: Reindexing,
}

impl Batches {
    /// Those of a store that knows of this time.
    pub(crate) fn new(clock: Millis) -> Self {
        Batches { durable_time: clock, sealed_time: clock, ..Batches::default() }
    }

    /// The batch that must be durable before anybody may be told that this time has come: a shard
    /// that is opened after a crash, when the system's clock has gone back, would not know of it.
    pub(crate) fn of_time(&mut self, time: Millis) -> Batch {
        if time <= self.durable_time {
            0
        } else if time <= self.sealed_time {
            self.sealed
        } else {
            self.timed = true;
            self.open()
        }
    }

    /// The newest durable batch.
    pub(crate) fn durable(&self) -> Batch {
        self.durable
    }

    /// The batch that gathers.
    pub(crate) fn open(&self) -> Batch {
        self.sealed + 1
    }

    /// The newest batch that has anything in it.
    pub(crate) fn newest(&self) -> Batch {
        if self.is_empty() { self.sealed } else { self.open() }
    }

    fn is_empty(&self) -> bool {
        self.changed.is_empty() && !self.timed
    }

    /// Notes a step that changes something.
    pub(crate) fn count_step(&mut self) {
        self.steps += 1;
    }

    /// Notes the first change of a row in this batch, which has the next place in it.
    pub(crate) fn changed(&mut self, key: Key, row: Option<Row>, index: Reindexing) {
        self.changed.push(Changed { key, row, index });
    }

    /// Notes that the row that has this place in the batch has changed again.
    pub(crate) fn changed_again(&mut self, place: usize, row: Option<Row>, index: Reindexing) {
        let changed = &mut self.changed[place];
        changed.row = row;
        changed.index.then(index);
    }

    /// The place in this batch of the next row that changes.
    pub(crate) fn next_place(&self) -> usize {
        self.changed.len()
    }

    /// Notes bytes written.
    pub(crate) fn count_bytes(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Whether the gathering batch takes no more steps.
    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        self.steps >= limits.batch_steps || self.bytes >= limits.batch_bytes
    }

    /// Ends the gathering batch, if it holds anything and another commit may be under way.
    pub(crate) fn seal(&mut self, limits: &Limits, clock: Millis) -> Option<Commit> {
        let in_flight = (self.sealed - self.durable) as usize;
        if self.is_empty() || in_flight >= limits.in_flight {
            return None;
        }
        self.sealed += 1;
        self.sealed_time = clock;
        self.timed = false;
        self.steps = 0;
        self.bytes = 0;
        let changed = &mut self.changed;
        let mut commit = Commit {
            batch: self.sealed,
            rows: Vec::with_capacity(changed.len()),
            put: Vec::with_capacity(changed.iter().map(|it| it.index.come.len()).sum()),
            delete: Vec::with_capacity(changed.iter().map(|it| it.index.gone.len()).sum()),
            clock,
        };
        for Changed { key, row, index } in changed.drain(..) {
            commit.delete.extend(index.gone);
            commit.put.extend(index.come);
            commit.rows.push((key, row));
        }
        fault!(IndexUnwritten => commit.put.clear());
        fault!(IndexUndeleted => commit.delete.clear());
        fault!(BatchCut => commit.rows.truncate(commit.rows.len().div_ceil(2)));
        Some(commit)
    }

    /// Notes that the batches up to this one are durable.
    pub(crate) fn committed(&mut self, batch: Batch) {
        debug_assert!(batch <= self.sealed, "only what was handed out can become durable");
        self.durable = self.durable.max(batch);
        if self.durable == self.sealed {
            self.durable_time = self.sealed_time;
        }
    }

    /// Forgets the gathering batch and waits for none of those under way. The store forgets the
    /// time.
    pub(crate) fn clear(&mut self) {
        self.changed.clear();
        self.timed = false;
        (self.durable_time, self.sealed_time) = (0, 0);
        (self.steps, self.bytes) = (0, 0);
        self.durable = self.sealed;
    }
}

#[cfg(feature = "testing")]
impl Batches {
    pub(crate) fn name_batches(&mut self, renamed: &crate::testing::Renamed) {
        self.durable = renamed.batch(self.durable);
        self.sealed = renamed.batch(self.sealed);
    }

    /// Forgets the sizes that have no limit.
    pub(crate) fn forget_sizes(&mut self, limits: &Limits) {
        if limits.batch_steps == usize::MAX {
            self.steps = 0;
        }
        if limits.batch_bytes == usize::MAX {
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(batches: &mut Batches, clock: Millis) -> Option<Batch> {
        let two = Limits { in_flight: 2, ..Limits::default() };
        let commit = batches.seal(&two, clock)?;
        Some(commit.batch)
    }

    fn change(batches: &mut Batches) {
        batches.changed(Key::Promise("a".into()), None, Reindexing::default());
    }

    #[test]
    fn the_newest_batch_is_the_one_that_gathers_if_it_has_anything_in_it() {
        let mut batches = Batches::new(0);
        assert_eq!((batches.newest(), batches.open()), (0, 1));
        change(&mut batches);
        assert_eq!(batches.newest(), 1);
        assert_eq!(seal(&mut batches, 0), Some(1));
        assert_eq!((batches.newest(), batches.open()), (1, 2));
        assert_eq!(seal(&mut batches, 0), None, "there is nothing to write");
    }

    #[test]
    fn a_time_is_known_with_the_batch_that_tells_of_it() {
        let mut batches = Batches::new(10);
        assert_eq!((batches.of_time(10), batches.newest()), (0, 0));
        assert_eq!((batches.of_time(11), batches.newest()), (1, 1));
        assert_eq!(seal(&mut batches, 20), Some(1));
        assert_eq!((batches.of_time(20), batches.of_time(10)), (1, 0));
        change(&mut batches);
        assert_eq!(seal(&mut batches, 30), Some(2));
        batches.committed(1);
        assert_eq!(batches.of_time(30), 2, "of the two under way, the last one knows for sure");
        batches.committed(2);
        assert_eq!((batches.of_time(30), batches.newest()), (0, 2));
    }

    #[test]
    fn nothing_is_left_of_what_is_cleared() {
        let mut batches = Batches::new(10);
        change(&mut batches);
        assert_eq!(seal(&mut batches, 10), Some(1));
        change(&mut batches);
        batches.of_time(20);
        (0..9).for_each(|_| batches.count_step());
        batches.count_bytes(9);
        batches.clear();
        assert_eq!((batches.durable(), batches.newest()), (1, 1), "nobody waits for the first");
        let limits = Limits { batch_steps: 1, batch_bytes: 1, ..Limits::default() };
        assert!(!batches.is_full(&limits));
        assert_eq!(batches.of_time(1), 2, "the store knows of no time");
    }
}
