//! Whether the records of a store make sense, one by one and together.

use std::collections::{BTreeMap, BTreeSet};

use abide_machine::{
    Config, Entry, Row,
    testing::{Tally, verify_rows},
};
use abide_protocol::Extensions;
use abide_store::{
    Error, Family, Key, Range, ShardId, Store,
    codec::{decode_entry, decode_key, decode_row, family},
};
use abide_store_fjall::FjallStore;

/// How many entries are read at once.
const PAGE: usize = 4_096;

/// The most problems that are told of one shard: a damaged index may have one for each record.
const PROBLEMS: usize = 1_000;

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) place: String,
    pub(crate) problem: String,
}

impl Problem {
    pub(crate) fn new(place: String, problem: impl ToString) -> Problem {
        Problem { place, problem: problem.to_string() }
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) shards: u16,
    pub(crate) promises: u64,
    pub(crate) tasks: u64,
    pub(crate) schedules: u64,
    pub(crate) messages: u64,
    pub(crate) entries: u64,
}

/// Reads every record of every shard.
pub(crate) fn records(store: &FjallStore, plain: bool, sum: &mut Sum) -> Vec<Problem> {
    sum.shards = store.shards();
    let extensions = if plain { Extensions::none() } else { Extensions::all() };
    let config = Config { extensions, ..Config::default() };
    (0..store.shards()).flat_map(|shard| of_shard(store, ShardId(shard), &config, sum)).collect()
}

fn of_shard(store: &FjallStore, shard: ShardId, config: &Config, sum: &mut Sum) -> Vec<Problem> {
    let place = format!("shard {}", shard.0);
    let mut read = Read::default();
    for number in 0..=u8::MAX {
        if let Err(error) = read.family(store, shard, Family(number)) {
            read.problems.push(Problem::new(place.clone(), error));
        }
    }
    let now = match store.ownership(shard) {
        Ok(ownership) => ownership.map_or(0, |owner| owner.clock.max(0)),
        Err(error) => return vec![Problem::new(place, error)],
    };
    for row in read.rows.values() {
        match row {
            Row::Promise(_) => sum.promises += 1,
            Row::Task(_) => sum.tasks += 1,
            Row::Schedule(_) => sum.schedules += 1,
            Row::Unblock(_) => sum.messages += 1,
        }
    }
    sum.entries += read.index.len() as u64;
    // What follows from records that cannot be read would only hide them.
    if read.problems.is_empty() {
        let mut tally = Tally::default();
        let broken = verify_rows(&read.rows, &read.index, now, config, &mut tally);
        let problem = |broken: abide_machine::testing::Broken| {
            let text = format!("\"{}\" does not hold: {}", broken.name, broken.why);
            Problem::new(place.clone(), text)
        };
        read.problems.extend(broken.into_iter().map(problem));
    }
    read.problems.truncate(PROBLEMS);
    read.problems
}

#[derive(Default)]
struct Read {
    rows: BTreeMap<abide_machine::Key, Row>,
    index: BTreeSet<Entry>,
    problems: Vec<Problem>,
}

impl Read {
    fn family(&mut self, store: &FjallStore, shard: ShardId, family: Family) -> Result<(), Error> {
        let mut range = Range::all(family);
        loop {
            let page = store.scan(shard, &range, PAGE)?;
            for (key, value) in &page.entries {
                if let Err(error) = self.entry(key, value) {
                    let place = format!("shard {}, key {key:?}", shard.0);
                    self.problems.push(Problem::new(place, error));
                }
            }
            match page.entries.last() {
                Some((last, _)) if page.more => range = range.after(last),
                _ => return Ok(()),
            }
        }
    }

    fn entry(&mut self, key: &Key, value: &[u8]) -> Result<(), String> {
        let text = |error: abide_store::codec::CodecError| error.to_string();
        match key.family() {
            family::PROMISE | family::TASK | family::SCHEDULE | family::UNBLOCK => {
                let row = decode_row(key, value).map_err(text)?;
                self.rows.insert(decode_key(key).map_err(text)?, row);
            }
            family::DUE | family::READY | family::HELD | family::OWNED => {
                if !value.is_empty() {
                    return Err("an index entry with a value".into());
                }
                self.index.insert(decode_entry(key).map_err(text)?);
            }
            // Of an older version; nothing finds anything by it.
            family::BRANCH => {}
            Family(number) => return Err(format!("nothing is kept in family {number}")),
        }
        Ok(())
    }
}
