use abide_machine::{Key, Row};
use abide_protocol::Id;

use crate::{
    Shard,
    call::passed,
    io::{Found, Output, Page, Range},
    job::Job,
    scan::Purpose,
    shard::{Parked, Queued},
    siblings,
};

impl Shard {
    /// Carries a job out if the rows it reads are in memory; has them loaded otherwise.
    pub(crate) fn run(&mut self, queued: Queued) {
        let Queued { job, pinned } = queued;
        let pins = pinned.is_some();
        let keys = pinned.unwrap_or_else(|| job.keys());
        let mut batch = 0;
        let is_call = job.is_call();
        // The promise before, if it has no task: then that need not be looked for.
        let mut taskless: Option<&Id> = None;
        for key in &keys {
            if let Key::Task(id) = key
                && taskless == Some(id)
                && !self.loading.contains(key)
            {
                continue;
            }
            let Some(slot) = self.cache.touch(key) else {
                if self.is_absent(key) {
                    taskless = promise(key);
                    continue;
                }
                debug_assert!(!pins, "what is pinned stays");
                return self.park(job, keys);
            };
            taskless = promise(key).filter(|_| slot.has_no_task());
            if fault!(ReadBeforeCommit) {
                continue;
            }
            batch = batch.max(slot.batch);
            // If its deadline has passed and that is not written, the time is what the answer of a
            // call rests on that sees this row.
            if let Some(Row::Promise(promise)) = &slot.row
                && is_call
                && let Some(time) = passed(&promise.record, self.clock)
                && !fault!(TimeToldEarly)
            {
                batch = batch.max(self.batches.of_time(time));
            }
        }
        self.unfinished -= usize::from(!is_call);
        self.carry_out(job, batch);
        if pins {
            keys.iter().for_each(|key| self.cache.unpin(key));
        }
    }

    /// Whether there is no such row, though nothing is in memory that says so. What is on its way
    /// is waited for.
    fn is_absent(&self, key: &Key) -> bool {
        self.cache.lacks(key) && !self.loading.contains(key)
    }

    fn park(&mut self, job: Job, keys: Vec<Key>) {
        let number = self.number();
        let mut parked = Parked { job, keys, missing: 0 };
        let mut wanted = Vec::new();
        for key in &parked.keys {
            if self.cache.pin(key) {
                continue;
            }
            if self.is_absent(key) {
                // It has to stay known until the job's turn comes.
                self.cache.loaded(key.clone(), None, 1);
                continue;
            }
            parked.missing += 1;
            let awaited = self.loading.get_or_default(key.clone());
            if awaited.jobs.is_empty() {
                awaited.deferred = is_deferred(&parked.job, key, &wanted);
                if !awaited.deferred {
                    wanted.push(key.clone());
                }
            }
            awaited.jobs.push(number);
        }
        let created = parked.job.creates().cloned();
        let is_wanted = |id: &&Id| wanted.iter().any(|key| promise(key) == Some(*id));
        let begun = parked.job.begins().filter(is_wanted).cloned();
        self.parked.insert(number, parked);
        if let Some(created) = created {
            self.fetch_siblings(created, &mut wanted);
        }
        self.load(wanted);
        if let Some(begun) = begun {
            self.fetch_calls(&begun);
        }
    }

    /// Fetches the calls of an execution that is to be begun, as siblings of each other: it is likely
    /// to make some, and the store is asked for its promise anyway.
    fn fetch_calls(&mut self, begun: &Id) {
        let prefix = siblings::of_calls(begun);
        if self.cache.siblings.ahead(&prefix, self.limits.families) {
            self.scan(Purpose::Siblings(prefix.clone(), None), Range::Promises(prefix), None);
        }
    }

    /// Fetches a promise together with its siblings, if it is wanted and they have not been fetched
    /// before: whoever creates it is likely to go on with others.
    fn fetch_siblings(&mut self, created: Id, wanted: &mut Vec<Key>) {
        let created = Key::Promise(created);
        let Some(place) = wanted.iter().position(|key| *key == created) else { return };
        let Key::Promise(id) = &created else { return };
        if let Some(prefix) = self.cache.siblings.wanted(id, self.limits.families) {
            wanted.swap_remove(place);
            let purpose = Purpose::Siblings(prefix.clone(), Some(created));
            self.scan(purpose, Range::Promises(prefix), None);
        }
    }

    /// Takes in siblings, and the one that is waited for with them or as absent.
    pub(crate) fn siblings_page(&mut self, prefix: &str, created: Option<Key>, page: Page) {
        let complete = !page.more || fault!(SiblingsCut);
        self.cache.siblings.fetched(prefix, complete);
        if !complete {
            return self.load(created.into_iter().collect());
        }
        let Found::Rows(rows) = page.found else { panic!("promises are rows") };
        let mut found = None;
        for row in rows {
            let key = row.key();
            if created.as_ref() == Some(&key) {
                found = Some(row);
            } else if promise(&key).is_some_and(|id| siblings::prefix(id) == Some(prefix))
                && !self.cache.holds(&key)
                && !self.loading.contains(&key)
            {
                // What is in memory is newer.
                self.cache.loaded(key, Some(row), 0);
            }
        }
        if let Some(created) = created {
            self.take_in(vec![(created, found)]);
        }
    }

    fn load(&mut self, keys: Vec<Key>) {
        if !keys.is_empty() {
            let load = self.number();
            self.loads.insert(load);
            self.outputs.push_back(Output::Load { load, keys });
        }
    }

    pub(crate) fn loaded(&mut self, load: u64, rows: Vec<(Key, Option<Row>)>) {
        if self.loads.remove(&load) {
            self.take_in(rows);
        }
    }

    fn take_in(&mut self, rows: Vec<(Key, Option<Row>)>) {
        let mut wanted = Vec::new();
        for (key, row) in rows {
            let deferred = self.deferred(&key);
            let has_task = matches!(&row, Some(Row::Promise(promise))
                if promise.record.tags.target().is_some());
            self.arrived(key, row);
            match deferred {
                Some(task) if has_task => wanted.push(task),
                // Where no promise is, or one without a target, there is no task.
                Some(task) => self.arrived(task, None),
                None => {}
            }
        }
        self.load(wanted);
    }

    /// The task that is to be asked for if there is this promise.
    fn deferred(&mut self, promise: &Key) -> Option<Key> {
        let Key::Promise(id) = promise else { return None };
        let task = Key::Task(id.clone());
        let awaited = self.loading.get_mut(&task)?;
        std::mem::take(&mut awaited.deferred).then_some(task)
    }

    /// Takes in a row that jobs wait for.
    fn arrived(&mut self, key: Key, row: Option<Row>) {
        let waiting = self.loading.remove(&key).unwrap_or_default().jobs;
        self.cache.loaded(key, row, waiting.len());
        for number in waiting {
            let Some(parked) = self.parked.get_mut(&number) else { continue };
            parked.missing -= 1;
            if parked.missing == 0
                && let Some(Parked { job, keys, .. }) = self.parked.remove(&number)
            {
                self.requeue(Queued { job, pinned: Some(keys) });
            }
        }
    }
}

/// Whether this is the task of a promise that the job creates and that has just been asked for: that
/// is mostly not there, and then there is no task either.
fn is_deferred(job: &Job, key: &Key, wanted: &[Key]) -> bool {
    let Key::Task(id) = key else { return false };
    let promise = |key: &Key| matches!(key, Key::Promise(other) if other == id);
    job.creates() == Some(id) && wanted.iter().any(promise)
}

fn promise(key: &Key) -> Option<&Id> {
    match key {
        Key::Promise(id) => Some(id),
        _ => None,
    }
}
