//! Atomicity, and what a commit leaves behind.

use super::*;

pub(super) const CHECKS: &[Check] = &[
    absent_keys_are_none,
    loads_keep_the_order_of_the_keys,
    the_last_write_of_a_key_counts,
    deletes_what_is_there_and_what_is_not,
    a_range_of_deleted_keys_is_passed_over,
    empty_values_are_values,
    empty_commits_are_no_error,
    families_and_shards_are_apart,
    many_shards_commit_at_once,
    a_shard_may_appear_twice,
    a_clear_empties_one_shard,
];

fn absent_keys_are_none(store: &dyn Store) {
    assert_eq!(read(store, SHARD, "a"), None);
    assert_eq!(store.load(SHARD, &[]), Ok(vec![]));
    write(store, SHARD, batch(&[("a", Some("1"))]));
    assert_eq!(read(store, SHARD, "a"), Some("1".into()));
    for absent in ["", "A", "a\0", "aa", "b"] {
        assert_eq!(read(store, SHARD, absent), None, "{absent:?}");
    }
}

fn loads_keep_the_order_of_the_keys(store: &dyn Store) {
    write(store, SHARD, batch(&[("a", Some("1")), ("b", Some("2"))]));
    let keys = ["b", "x", "a", "b"].map(key);
    let values = store.load(SHARD, &keys).expect("loads");
    let expected = [Some("2"), None, Some("1"), Some("2")];
    assert_eq!(values, expected.map(|value| value.map(|text| text.as_bytes().to_vec())));
}

fn the_last_write_of_a_key_counts(store: &dyn Store) {
    write(
        store,
        SHARD,
        batch(&[("a", Some("1")), ("a", Some("2")), ("b", Some("1")), ("b", None)]),
    );
    let last = [read(store, SHARD, "a"), read(store, SHARD, "b")];
    assert_eq!(last, [Some("2".into()), None], "the last write of a key in a batch counts");
    write(store, SHARD, batch(&[("a", None), ("a", Some("3"))]));
    assert_eq!(read(store, SHARD, "a"), Some("3".into()));
}

fn deletes_what_is_there_and_what_is_not(store: &dyn Store) {
    write(store, SHARD, batch(&[("a", Some("1")), ("b", Some("2"))]));
    write(store, SHARD, batch(&[("a", None), ("x", None)]));
    assert_eq!(read(store, SHARD, "a"), None, "what is deleted is gone");
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 10), ["b"]);
}

/// What is reclaimed is deleted by the thousand: no page ends among what is gone, and what is
/// written again is new.
fn a_range_of_deleted_keys_is_passed_over(store: &dyn Store) {
    let names: Vec<String> = (0..2_000).map(|index| format!("m{index:04}")).collect();
    let all = |value| batch(&names.iter().map(|name| (&**name, value)).collect::<Vec<_>>());
    write(store, SHARD, batch(&[("a", Some("1")), ("z", Some("1"))]));
    write(store, SHARD, all(Some("old")));
    write(store, SHARD, all(None));
    for page in [1, 2, 1_000] {
        let found = read_range(store, SHARD, Range::all(FAMILY), page);
        assert_eq!(found, ["a", "z"], "a range is read whole, in pages of {page}");
    }
    assert!(read_range(store, SHARD, Range::prefix(FAMILY, b"m"), 10).is_empty());
    write(store, SHARD, batch(&[("m0007", Some("new"))]));
    assert_eq!(read(store, SHARD, "m0007"), Some("new".into()));
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 10), ["a", "m0007", "z"]);
}

fn empty_values_are_values(store: &dyn Store) {
    write(store, SHARD, batch(&[("", Some("")), ("a", Some(""))]));
    assert_eq!(read(store, SHARD, ""), Some("".into()));
    assert_eq!(read(store, SHARD, "a"), Some("".into()));
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 10), ["", "a"]);
}

fn empty_commits_are_no_error(store: &dyn Store) {
    assert_eq!(store.commit(&[]), Ok(()));
    write(store, SHARD, Batch::at(0));
    assert!(read_range(store, SHARD, Range::all(FAMILY), 10).is_empty());
}

fn families_and_shards_are_apart(store: &dyn Store) {
    for (shard, family) in [(0, 1), (0, 2), (0, 255), (1, 1), (u16::MAX, 255)] {
        let mut batch = Batch::at(0);
        let value = format!("{shard}/{family}");
        batch.put(Key::new(Family(family), b"same"), value.clone().into_bytes());
        batch.put(Key::new(Family(family), value.as_bytes()), vec![]);
        write(store, ShardId(shard), batch);
    }
    for (shard, family) in [(0, 1), (0, 2), (0, 255), (1, 1), (u16::MAX, 255)] {
        let value = format!("{shard}/{family}");
        let loaded = store.load(ShardId(shard), &[Key::new(Family(family), b"same")]);
        assert_eq!(loaded, Ok(vec![Some(value.clone().into_bytes())]));
        let range = Range::all(Family(family));
        assert_eq!(read_range(store, ShardId(shard), range, 10), [value, "same".into()]);
    }
    assert!(read_range(store, ShardId(2), Range::all(FAMILY), 10).is_empty());
}

fn many_shards_commit_at_once(store: &dyn Store) {
    let commits: Vec<Commit> = (0..64)
        .map(|n| {
            let shard = ShardId(n);
            let epoch = claim(store, shard).epoch;
            Commit { shard, epoch, batch: batch(&[("a", Some(&n.to_string()))]) }
        })
        .collect();
    store.commit(&commits).expect("all owners commit");
    for n in 0..64 {
        assert_eq!(read(store, ShardId(n), "a"), Some(n.to_string()));
    }
}

fn a_shard_may_appear_twice(store: &dyn Store) {
    let epoch = claim(store, SHARD).epoch;
    let commit = |writes| Commit { shard: SHARD, epoch, batch: batch(writes) };
    let commits =
        [commit(&[("a", Some("1")), ("b", Some("1"))]), commit(&[("a", Some("2")), ("b", None)])];
    store.commit(&commits).expect("the owner commits");
    assert_eq!(read(store, SHARD, "a"), Some("2".into()));
    assert_eq!(read(store, SHARD, "b"), None);
}

fn a_clear_empties_one_shard(store: &dyn Store) {
    let other = ShardId(1);
    write(store, other, batch(&[("a", Some("1"))]));
    let names: Vec<String> = (0..5_000).map(|n| format!("{n:05}")).collect();
    let mut many = Batch::at(700);
    for name in &names {
        many.put(key(name), vec![1]);
        many.put(Key::new(Family(255), name.as_bytes()), vec![]);
    }
    write(store, SHARD, many);
    let epoch = claim(store, SHARD).epoch;
    store.clear(SHARD, epoch).expect("the owner clears");
    for family in [FAMILY, Family(255)] {
        assert!(read_range(store, SHARD, Range::all(family), 10).is_empty());
    }
    assert_eq!(read(store, other, "a"), Some("1".into()));
    let commits = [Commit { shard: SHARD, epoch, batch: batch(&[("b", Some("2"))]) }];
    store.commit(&commits).expect("the claim outlives the clear");
    assert_eq!(read_range(store, SHARD, Range::all(FAMILY), 10), ["b"]);
    assert!(claim(store, SHARD).clock_floor <= 0, "the clock has started anew");
}
