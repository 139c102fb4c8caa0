use std::{collections::VecDeque, sync::Arc};

use byteview::ByteView;

use crate::memtable::{Change, Memtable};

/// What has been committed and is in no table yet.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What the segment holds that is written to.
    pub(crate) active: Memtable,
    /// What waits to be written to a table, the oldest first.
    pub(crate) sealed: VecDeque<Arc<Sealed>>,
}

/// What a full segment holds.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// The number of the segment.
    pub(crate) segment: u64,
    /// The number of the last commit in it.
    pub(crate) last: u64,
    pub(crate) memtable: Memtable,
}

impl Memory {
    /// What was written at a place; the outer `None` if nothing was.
    pub(crate) fn get(&self, place: &[u8]) -> Option<Option<ByteView>> {
        let sealed = || self.sealed.iter().rev().find_map(|sealed| sealed.memtable.get(place));
        self.active.get(place).or_else(sealed)
    }

    /// The first changes from one place to before another, and whether these are all.
    pub(crate) fn range(&self, from: &[u8], to: &[u8], limit: usize) -> (Vec<Change>, bool) {
        let sealed = self.sealed.iter().rev().map(|sealed| &sealed.memtable);
        // The newest first: of several writes of a key, the first one counts.
        let mut ranges: Vec<_> = [&self.active]
            .into_iter()
            .chain(sealed)
            .map(|memtable| memtable.range(from, to).peekable())
            .collect();
        let mut changes = Vec::new();
        loop {
            let heads = ranges.iter_mut().filter_map(|range| range.peek().map(|(key, _)| *key));
            let Some(first) = heads.min() else { return (changes, true) };
            if changes.len() == limit {
                return (changes, false);
            }
            let mut newest = None;
            for range in &mut ranges {
                let here = range.next_if(|(key, _)| *key == first);
                newest = newest.or(here);
            }
            changes.extend(newest.map(|(key, value)| (key.clone(), value.clone())));
        }
    }
}
