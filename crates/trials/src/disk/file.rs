use std::{collections::BTreeSet, sync::Arc};

use super::content::Content;

/// The unit in which the kernel keeps what was written to a file.
pub(super) const PAGE: u64 = 4096;

/// A change of a file that is not certain.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { offset: u64, data: Arc<[u8]> },
    Length(u64),
}

#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) change: Change,
    /// A sync of it has failed: the kernel holds its pages for clean.
    orphan: bool,
}

/// A file: what is certain, and what has been changed since.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) certain: Content,
    pub(super) pending: Vec<Pending>,
}

impl File {
    pub(super) fn certain(certain: Content) -> File {
        File { certain, pending: Vec::new() }
    }

    pub(super) fn write(&mut self, offset: u64, data: &[u8]) {
        let change = Change::Write { offset, data: data.into() };
        self.pending.push(Pending { change, orphan: false });
    }

    pub(super) fn set_length(&mut self, length: u64) {
        self.pending.push(Pending { change: Change::Length(length), orphan: false });
    }

    pub(super) fn sync(&mut self) {
        let dirty: BTreeSet<u64> =
            self.pending.iter().filter(|pending| !pending.orphan).flat_map(pages).collect();
        let mut left = Vec::new();
        for pending in self.pending.drain(..) {
            // Orphans lie within one page each, and go with it when it is written again.
            if pending.orphan && pages(&pending).any(|page| !dirty.contains(&page)) {
                left.push(pending);
            } else {
                apply(&mut self.certain, &pending.change);
            }
        }
        self.pending = left;
    }

    pub(super) fn fail_to_sync(&mut self) {
        let mut orphans = Vec::new();
        for Pending { change, .. } in self.pending.drain(..) {
            let Change::Write { offset, data } = change else {
                orphans.push(Pending { change, orphan: false });
                continue;
            };
            for (offset, data) in pieces(offset, &data, PAGE) {
                let change = Change::Write { offset, data: data.into() };
                orphans.push(Pending { change, orphan: true });
            }
        }
        self.pending = orphans;
    }

    /// What a reader sees.
    pub(super) fn now(&self) -> Now {
        let mut content = self.certain.clone();
        self.pending.iter().for_each(|pending| apply(&mut content, &pending.change));
        Now(content)
    }
}

/// What a reader sees of a file.
#[derive(Debug)]
pub(super) struct Now(Content);

impl PartialEq for Now {
    fn eq(&self, other: &Now) -> bool {
        self.0.same(&other.0)
    }
}

pub(super) fn apply(content: &mut Content, change: &Change) {
    match change {
        Change::Write { offset, data } => content.write(*offset, data),
        Change::Length(length) => content.set_length(*length),
    }
}

fn pages(pending: &Pending) -> impl Iterator<Item = u64> + use<> {
    match &pending.change {
        Change::Write { offset, data } if !data.is_empty() => {
            offset / PAGE..(offset + data.len() as u64 - 1) / PAGE + 1
        }
        _ => 0..0,
    }
}

/// Cuts bytes at the multiples of a size.
pub(super) fn pieces(offset: u64, data: &[u8], size: u64) -> Vec<(u64, &[u8])> {
    let mut pieces = Vec::new();
    let (mut offset, mut data) = (offset, data);
    while !data.is_empty() {
        let length = ((size - offset % size) as usize).min(data.len());
        let (piece, rest) = data.split_at(length);
        pieces.push((offset, piece));
        offset += length as u64;
        data = rest;
    }
    pieces
}
