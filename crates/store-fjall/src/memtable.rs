use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

use byteview::ByteView;

use crate::journal::Writes;

/// What a segment of the journal holds, in order: the last write of each key. Keys and values share
/// the memory of the commits that wrote them.
#[derive(Debug, Default)]
pub(crate) struct Memtable(BTreeMap<ByteView, Option<ByteView>>);

/// A key and what is stored there; `None` deletes.
pub(crate) type Change = (ByteView, Option<ByteView>);

impl Memtable {
    /// Takes in a commit, as it is in the journal.
    pub(crate) fn take_in(&mut self, record: &ByteView) {
        self.0.extend(Writes::of(record));
    }

    /// What was written at a place; the outer `None` if nothing was.
    pub(crate) fn get(&self, place: &[u8]) -> Option<Option<ByteView>> {
        self.0.get(place).cloned()
    }

    /// Everything in it, in order.
    pub(crate) fn changes(&self) -> btree_map::Iter<'_, ByteView, Option<ByteView>> {
        self.0.iter()
    }

    /// What was written from one place to before another, in order.
    pub(crate) fn range(
        &self,
        from: &[u8],
        to: &[u8],
    ) -> btree_map::Range<'_, ByteView, Option<ByteView>> {
        self.0.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)))
    }
}
