use std::{collections::BTreeMap, ops::Bound};

use crate::{Family, Key, MAX_PAGE_BYTES};

/// A range of keys within one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The family; no scan leaves it.
    pub family: Family,
    /// Where it begins, as the bytes after the family.
    pub from: Bound<Vec<u8>>,
    /// Where it ends, as the bytes after the family.
    pub to: Bound<Vec<u8>>,
}

impl Range {
    /// Everything in a family.
    pub fn all(family: Family) -> Self {
        Range { family, from: Bound::Unbounded, to: Bound::Unbounded }
    }

    /// The keys of a family that begin with these bytes.
    pub fn prefix(family: Family, prefix: &[u8]) -> Self {
        Range { family, from: Bound::Included(prefix.to_vec()), to: after_prefix(prefix) }
    }

    /// The rest of this range after a key of it: the next page.
    pub fn after(mut self, key: &Key) -> Self {
        self.from = Bound::Excluded(key.suffix().to_vec());
        fault!(PageOverlaps => self.from = Bound::Included(key.suffix().to_vec()));
        self
    }

    /// The range as bounds on whole keys (the family's byte first), each preceded by `prefix`.
    /// What backends without families of their own scan by.
    pub fn bounds(&self, prefix: &[u8]) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let family = [prefix, &[self.family.0]].concat();
        let whole = |suffix: &Vec<u8>| [family.as_slice(), suffix].concat();
        let from = match &self.from {
            Bound::Unbounded => Bound::Included(family.clone()),
            bound => bound.as_ref().map(whole),
        };
        let to = match &self.to {
            Bound::Unbounded => after_prefix(&family),
            bound => bound.as_ref().map(whole),
        };
        (from, to)
    }

    /// Whether no key can lie in it. Ordered maps panic on such bounds instead of finding nothing.
    pub fn is_empty(&self) -> bool {
        match (&self.from, &self.to) {
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => from >= to,
            _ => false,
        }
    }
}

/// The first bytes after everything that begins with `prefix`.
fn after_prefix(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

/// Some entries of a range, in the order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<(Key, Vec<u8>)>,
    /// Whether the range holds more after the last of them.
    pub more: bool,
}

impl Page {
    /// A page of a store that keeps the entries of a shard in memory.
    pub fn of(entries: &BTreeMap<Vec<u8>, Vec<u8>>, range: &Range, limit: usize) -> Page {
        let mut page = Page::default();
        if range.is_empty() {
            return page;
        }
        let mut bytes = 0;
        for (key, value) in entries.range::<Vec<u8>, _>(range.bounds(&[])) {
            if page.entries.len() >= limit || bytes >= MAX_PAGE_BYTES {
                page.more = true;
                break;
            }
            bytes += key.len() + value.len();
            page.entries.extend(Key::from_bytes(key.clone()).map(|key| (key, value.clone())));
        }
        page
    }
}
