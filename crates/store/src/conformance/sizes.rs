//! Large keys, large values, large batches.

use super::*;
use crate::{MAX_KEY_BYTES, MAX_PAGE_BYTES};

pub(super) const CHECKS: &[Check] =
    &[long_keys_are_kept_whole, large_values_are_kept_whole, a_page_is_bounded_by_its_bytes];

fn long_keys_are_kept_whole(store: &dyn Store) {
    // Two keys that differ in their last byte only: a key cut short would make them one.
    let long = |last: &str| "k".repeat(MAX_KEY_BYTES - 2) + last;
    write(store, SHARD, batch(&[(&long("a"), Some("1")), (&long("b"), Some("2"))]));
    assert_eq!(read(store, SHARD, &long("a")), Some("1".into()));
    assert_eq!(read(store, SHARD, &long("b")), Some("2".into()));
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 10), [long("a"), long("b")]);

    let longer = long("a") + "a";
    let epoch = claim(store, SHARD).epoch;
    let refused = store.commit(&[Commit {
        shard: SHARD,
        epoch,
        batch: batch(&[("c", Some("3")), (&longer, Some("3"))]),
    }]);
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(read(store, SHARD, "c"), None, "nothing of a refused batch is written");
    write(store, SHARD, batch(&[("d", Some("4"))]));
    assert_eq!(read(store, SHARD, "d"), Some("4".into()), "a refused key breaks nothing");
    assert_eq!(read(store, SHARD, &longer), None);
}

fn large_values_are_kept_whole(store: &dyn Store) {
    let value: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let mut large = Batch::at(0);
    large.put(key("a"), value.clone());
    large.put(key("b"), vec![]);
    write(store, SHARD, large);
    let values = store.load(SHARD, &[key("a")]).expect("loads");
    assert!(values[0].as_ref() == Some(&value), "a value of 3 MB reads back");
}

fn a_page_is_bounded_by_its_bytes(store: &dyn Store) {
    const MEGABYTE: usize = 1 << 20;
    let names: Vec<String> = (0..20).map(|n| format!("{n:02}")).collect();
    for name in &names {
        let mut large = Batch::at(0);
        large.put(key(name), vec![7; MEGABYTE]);
        write(store, SHARD, large);
    }
    let page = store.scan(SHARD, &Range::all(FAMILY), 1_000).expect("scans");
    assert_eq!(page.entries.len(), MAX_PAGE_BYTES / MEGABYTE, "a page ends when it is full");
    assert!(page.more);
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 1_000), names);
}
