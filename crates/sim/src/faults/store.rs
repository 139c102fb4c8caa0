//! The store by itself: the suite that every backend passes, and whether records and index entries
//! are read as they were written.

use std::collections::{BTreeMap, BTreeSet};

use abide_faults::Layer;
use abide_machine::{Config, Entry, Key, Phase, Row, entries, testing::Model};
use abide_store::{
    Batch, Commit, MemoryStore, Range, ShardId, Store, conformance, records,
    span::{self, Names},
};

use super::{Checker, machine};

/// The suite of the backends.
pub(super) const CONFORMANCE: Checker = Checker {
    name: "conformance",
    about: "the suite that every backend passes, on the store in memory",
    layers: &[Layer::Store],
    seeds: 1,
    check: conforms,
};

/// What is read is what was written.
pub(super) const RECORDS: Checker = Checker {
    name: "records",
    about: "whether records and index entries are read as they were written",
    layers: &[Layer::Store],
    seeds: 100,
    check: read_as_written,
};

const SHARD: ShardId = ShardId(0);

/// How many records a page holds: fewer than there are.
const PAGE: usize = 2;

fn conforms(_: u64) -> Result<(), String> {
    conformance::run(MemoryStore::new, None);
    Ok(())
}

/// What a script comes to is written in a few batches, and read back by every way of reading.
fn read_as_written(seed: u64) -> Result<(), String> {
    let store = MemoryStore::new();
    let claim = store.claim(SHARD, "node", 1, 0).map_err(|error| error.to_string())?;
    let mut written = BTreeMap::new();
    let mut model = Model::new(Config::default());
    for (step, numbers) in machine::script(seed).iter().enumerate() {
        // By a machine without bugs: it is not the one that is being tested.
        abide_faults::with(None, || machine::advance(&mut model, numbers));
        if step % 10 == 9 {
            let batch = difference(&written, model.rows());
            let commit = Commit { shard: SHARD, epoch: claim.epoch, batch };
            store.commit(&[commit]).map_err(|error| error.to_string())?;
            written.clone_from(model.rows());
        }
    }
    rows(&store, &written)?;
    indexes(&store, &written)
}

fn difference(before: &BTreeMap<Key, Row>, after: &BTreeMap<Key, Row>) -> Batch {
    let mut batch = Batch::at(0);
    let index = |rows: &BTreeMap<Key, Row>| rows.values().flat_map(entries).collect();
    let (old, new): (BTreeSet<Entry>, BTreeSet<Entry>) = (index(before), index(after));
    before.keys().filter(|key| !after.contains_key(key)).for_each(|key| batch.put_row(key, None));
    let changed = after.iter().filter(|(key, row)| before.get(key) != Some(row));
    changed.for_each(|(key, row)| batch.put_row(key, Some(row)));
    old.difference(&new).for_each(|entry| batch.delete_entry(entry));
    new.difference(&old).for_each(|entry| batch.put_entry(entry));
    batch
}

fn same<T: PartialEq + std::fmt::Debug>(rule: &str, read: T, written: T) -> Result<(), String> {
    if read == written {
        return Ok(());
    }
    Err(format!("{rule}\n{read:?}\nwas read, and written was\n{written:?}"))
}

fn rows(store: &MemoryStore, written: &BTreeMap<Key, Row>) -> Result<(), String> {
    let keys: Vec<Key> = written.keys().cloned().collect();
    let read = records::load_rows(store, SHARD, &keys).map_err(|error| error.to_string())?;
    let read: Vec<Row> = read.into_iter().flatten().collect();
    let all: Vec<Row> = written.values().cloned().collect();
    same("a record is read as it was written", read, all)?;
    let spans =
        [span::promises(""), span::tasks(), span::schedules(), span::unblocks(Names::Prefix(""))];
    let mut read = Vec::new();
    for span in spans {
        paged(span, |span| {
            let (page, more) = records::scan_rows(store, SHARD, span, PAGE)?;
            let next = page.last().map(|row| span::after_key(span.clone(), &row.key()));
            read.extend(page);
            Ok(next.filter(|_| more))
        })?;
    }
    same("a scan finds every record once, in order", read, written.values().cloned().collect())
}

fn indexes(store: &MemoryStore, written: &BTreeMap<Key, Row>) -> Result<(), String> {
    let all: BTreeSet<Entry> = written.values().flat_map(entries).collect();
    let within = |span: Range, holds: &dyn Fn(&Entry) -> bool| {
        let mut read = Vec::new();
        paged(span, |span| {
            let (page, more) = records::scan_entries(store, SHARD, span, PAGE)?;
            let next = page.last().map(|entry| span::after_entry(span.clone(), entry));
            read.extend(page);
            Ok(next.filter(|_| more))
        })?;
        let wanted = all.iter().filter(|entry| holds(entry)).cloned().collect();
        same("a range finds every index entry of it once, in order", read, wanted)
    };
    within(span::due(), &|entry| matches!(entry, Entry::Due(..)))?;
    for row in written.values() {
        match row {
            Row::Task(task) => {
                let address = &task.address;
                let exact = |it: &Entry| matches!(it, Entry::Ready(at, _) if at == address);
                within(span::ready(Names::Exact(address)), &exact)?;
                if let Phase::Acquired { pid, .. } = &task.phase {
                    let held = |it: &Entry| matches!(it, Entry::Held(by, _) if by == pid);
                    within(span::held(pid), &held)?;
                }
            }
            Row::Promise(promise) => {
                let id = &promise.record.id;
                within(span::owned(id), &|it| matches!(it, Entry::Owned(by, _) if by == id))?;
            }
            Row::Schedule(_) | Row::Unblock(_) => {}
        }
    }
    Ok(())
}

/// Reads page after page, and no more often than there can be pages.
fn paged(
    span: Range,
    mut page: impl FnMut(&Range) -> Result<Option<Range>, abide_store::Error>,
) -> Result<(), String> {
    let mut next = span;
    for _ in 0..machine::STEPS_A_SCRIPT * 10 {
        match page(&next).map_err(|error| error.to_string())? {
            Some(range) => next = range,
            None => return Ok(()),
        }
    }
    Err("a scan comes to an end".to_owned())
}
