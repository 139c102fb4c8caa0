//! What a shard asks of the store, put into the store's words.

use abide_engine::{Addresses, Commit, Found, Input, Page, Position, Range};
use abide_machine::{Key, Row};
use abide_protocol::Millis;
use abide_store::{
    Batch, Epoch, Error, ShardId, Store, records,
    span::{self, Names},
};

use crate::state::Write;

/// The only shard there is so far. A store that holds several will say how many; which one an id
/// belongs to is the hash of its origin modulo that number.
pub(crate) const SHARD: ShardId = ShardId(0);

/// A read that a shard has asked for.
pub(crate) enum Read {
    Load { load: u64, keys: Vec<Key> },
    Scan { scan: u64, range: Range, after: Option<Position>, limit: usize },
}

impl Read {
    /// Carries it out.
    pub(crate) fn carry_out(self, store: &dyn Store) -> Result<Input, Error> {
        match self {
            Read::Load { load, keys } => {
                let found = records::load_rows(store, SHARD, &keys)?;
                Ok(Input::Loaded { load, rows: keys.into_iter().zip(found).collect() })
            }
            Read::Scan { scan, range, after, limit } => {
                let page = page(store, &range, after, limit)?;
                Ok(Input::Scanned { scan, page })
            }
        }
    }
}

fn page(
    store: &dyn Store,
    range: &Range,
    after: Option<Position>,
    limit: usize,
) -> Result<Page, Error> {
    let span = match range {
        Range::Promises(prefix) => span::promises(prefix),
        Range::Tasks => span::tasks(),
        Range::Schedules => span::schedules(),
        Range::Unblocks(addresses) => span::unblocks(names(addresses)),
        Range::Due => span::due(),
        Range::Ready(addresses) => span::ready(names(addresses)),
        Range::Owned(owner) => span::owned(owner),
        Range::Held(pid) => span::held(pid),
    };
    let span = match &after {
        None => span,
        Some(Position::Key(key)) => span::after_key(span, key),
        Some(Position::Entry(entry)) => span::after_entry(span, entry),
    };
    if range.first_key().is_some() {
        let (rows, more) = records::scan_rows(store, SHARD, &span, limit)?;
        Ok(Page { found: Found::Rows(rows), more })
    } else {
        let (entries, more) = records::scan_entries(store, SHARD, &span, limit)?;
        Ok(Page { found: Found::Entries(entries), more })
    }
}

fn names(addresses: &Addresses) -> Names<'_> {
    match addresses {
        Addresses::Exact(address) => Names::Exact(address),
        Addresses::Prefix(prefix) => Names::Prefix(prefix),
    }
}

/// Commits batches, all with one sync.
pub(crate) fn commit(store: &dyn Store, epoch: Epoch, commits: &[Commit]) -> Result<(), Error> {
    let commits: Vec<abide_store::Commit> = commits
        .iter()
        .map(|commit| abide_store::Commit { shard: SHARD, epoch, batch: batch(commit) })
        .collect();
    store.commit(&commits)
}

fn batch(commit: &Commit) -> Batch {
    let clock: Millis = commit.clock;
    let writes = commit.rows.len() + commit.delete.len() + commit.put.len();
    let mut batch = Batch::with_capacity(clock, writes);
    for (key, row) in &commit.rows {
        batch.put_row(key, row.as_ref() as Option<&Row>);
    }
    // A key may be in both lists of two batches, never of one.
    commit.delete.iter().for_each(|entry| batch.delete_entry(entry));
    commit.put.iter().for_each(|entry| batch.put_entry(entry));
    batch
}

/// Writes in order, with one sync for all batches in a row.
pub(crate) fn write(
    store: &dyn Store,
    epoch: Epoch,
    writes: Vec<Write>,
) -> Result<Vec<Input>, Error> {
    let mut done = Vec::new();
    let mut commits = Vec::new();
    for write in writes {
        match write {
            Write::Commit(commit) => commits.push(commit),
            Write::Reset => {
                // What is to be removed need not be written first.
                commits.clear();
                store.clear(SHARD, epoch)?;
                done.push(Input::ResetDone);
            }
        }
    }
    if let Some(last) = commits.last() {
        let batch = last.batch;
        fault!(OnlyLastBatch => drop(commits.drain(..commits.len() - 1)));
        let written = commit(store, epoch, &commits);
        if !fault!(FailureIgnored) {
            written?;
        }
        done.push(Input::Committed { batch });
    }
    Ok(done)
}
