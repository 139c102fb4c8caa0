//! The records of a scope, cut where it began anew.

use super::left::{Stored, ordinal};
use crate::core::ask::Kind;

pub(super) type Children<'a> = [(&'a String, &'a Stored)];

/// What a function wrote between two records that it began anew at.
pub(super) struct Segment<'a> {
    pub(super) base: u32,
    pub(super) children: Vec<(&'a String, &'a Stored)>,
    /// How it went on: the record, and whether that is a save point.
    pub(super) next: Option<(u32, bool)>,
}

/// The segments of a scope, in order.
pub(super) fn segments<'a>(children: &Children<'a>) -> Vec<Segment<'a>> {
    let kind = |stored: &Stored| stored.trace.identity.kind;
    let bases = children.iter().filter(|(_, stored)| kind(stored).is_base());
    let bases: Vec<_> =
        bases.map(|(id, stored)| (ordinal(id), kind(stored) == Kind::Save)).collect();
    let mut segments = Vec::new();
    let mut base = 0;
    for next in bases.into_iter().map(Some).chain([None]) {
        let of = |stored: &Stored| stored.trace.base == base && kind(stored) != Kind::Retry;
        let children = children.iter().filter(|(_, stored)| of(stored)).copied().collect();
        segments.push(Segment { base, children, next });
        base = next.map_or(0, |(base, _)| base);
    }
    segments
}
