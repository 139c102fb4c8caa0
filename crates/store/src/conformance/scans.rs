//! Order, bounds and pages.

use std::ops::Bound::{Excluded, Included, Unbounded};

use super::*;

pub(super) const CHECKS: &[Check] = &[
    scans_follow_the_bytes_of_the_keys,
    bounds_include_and_exclude,
    prefixes_end_where_they_should,
    pages_are_bounded_and_complete,
    scans_see_the_newest_values,
    a_scan_passes_over_many_deleted_keys,
];

fn scans_follow_the_bytes_of_the_keys(store: &dyn Store) {
    let ordered = ["", "\0", "\0\0", "\u{1}", "A", "a", "a\0", "a.", "a:", "aa", "é", "€"];
    let writes: Vec<_> = ordered.iter().rev().map(|name| (*name, Some("1"))).collect();
    write(store, SHARD, batch(&writes));
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 100), ordered);
}

fn bounds_include_and_exclude(store: &dyn Store) {
    write(store, SHARD, batch(&["a", "b", "c", "d"].map(|name| (name, Some("1")))));
    let bytes = |name: &str| name.as_bytes().to_vec();
    let names = |from, to| read_range(store, SHARD, Range { family: FAMILY, from, to }, 100);
    assert_eq!(names(Included(bytes("b")), Included(bytes("c"))), ["b", "c"]);
    assert_eq!(names(Excluded(bytes("b")), Included(bytes("c"))), ["c"]);
    assert_eq!(names(Included(bytes("b")), Excluded(bytes("c"))), ["b"]);
    assert_eq!(names(Excluded(bytes("aa")), Unbounded), ["b", "c", "d"]);
    assert_eq!(names(Unbounded, Excluded(bytes("b"))), ["a"]);
    let nothing = Vec::<String>::new();
    assert_eq!(names(Excluded(bytes("b")), Excluded(bytes("b"))), nothing);
    assert_eq!(names(Included(bytes("b")), Excluded(bytes("b"))), nothing);
    assert_eq!(names(Excluded(bytes("b")), Excluded(bytes("c"))), nothing);
    assert_eq!(names(Included(bytes("c")), Included(bytes("b"))), nothing, "bounds the wrong way");
    assert_eq!(names(Excluded(bytes("d")), Unbounded), nothing);
}

fn prefixes_end_where_they_should(store: &dyn Store) {
    let mut batch = Batch::at(0);
    let suffixes: [&[u8]; 6] = [b"a", b"a\xff", b"a\xff\xff", b"b", b"\xff", b"\xff\xff"];
    for suffix in suffixes {
        batch.put(Key::new(FAMILY, suffix), vec![]);
        batch.put(Key::new(Family(255), suffix), vec![]);
    }
    write(store, SHARD, batch);
    for family in [FAMILY, Family(255)] {
        let found = |prefix| {
            let page = store.scan(SHARD, &Range::prefix(family, prefix), 100).expect("scans");
            page.entries.into_iter().map(|(key, _)| key.suffix().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(found(b"a"), suffixes[..3]);
        assert_eq!(found(b"a\xff"), suffixes[1..3]);
        assert_eq!(found(b"\xff"), suffixes[4..]);
        assert_eq!(found(b""), suffixes);
        assert_eq!(found(b"c"), Vec::<Vec<u8>>::new());
    }
}

fn pages_are_bounded_and_complete(store: &dyn Store) {
    let names: Vec<String> = (0..2_500).map(|n| format!("{n:05}")).collect();
    let mut all = Batch::at(0);
    names.iter().for_each(|name| all.put(key(name), name.clone().into_bytes()));
    write(store, SHARD, all);
    for page in [1, 7, 2_500, 10_000] {
        assert_eq!(read_range(store, SHARD, Range::all(FAMILY), page), names, "pages of {page}");
    }
    let exact = store.scan(SHARD, &Range::all(FAMILY), 2_500).expect("scans");
    assert_eq!((exact.entries.len(), exact.more), (2_500, false), "the last page says so");
    let short = store.scan(SHARD, &Range::all(FAMILY), 2_499).expect("scans");
    assert_eq!((short.entries.len(), short.more), (2_499, true));
    assert!(store.scan(SHARD, &Range::all(FAMILY), 0).expect("scans").entries.is_empty());
}

fn scans_see_the_newest_values(store: &dyn Store) {
    write(store, SHARD, batch(&[("a", Some("1")), ("b", Some("1")), ("c", Some("1"))]));
    write(store, SHARD, batch(&[("a", Some("2")), ("b", None)]));
    let page = store.scan(SHARD, &Range::all(FAMILY), 10).expect("scans");
    assert_eq!(page.entries, [(key("a"), b"2".to_vec()), (key("c"), b"1".to_vec())]);
}

fn a_scan_passes_over_many_deleted_keys(store: &dyn Store) {
    let names: Vec<String> = (0..10_000).map(|n| format!("{n:05}")).collect();
    let mut all = Batch::at(0);
    names.iter().for_each(|name| all.put(key(name), vec![]));
    write(store, SHARD, all);
    let mut most = Batch::at(0);
    names[..9_999].iter().for_each(|name| most.delete(key(name)));
    write(store, SHARD, most);
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 1), names[9_999..]);
}
