//! What a store keeps when it is closed and opened again.

use super::*;

pub(super) fn run<S: Store>(make: &impl Fn() -> S, reopen: &dyn Fn(S) -> S) {
    let store = make();
    let old = claim(&store, SHARD).epoch;
    let mut first = batch(&[("a", Some("1")), ("b", Some("1")), ("c", Some("1"))]);
    first.now = 700;
    let commit = |batch| [Commit { shard: SHARD, epoch: old, batch }];
    store.commit(&commit(first)).expect("the owner commits");
    store.commit(&commit(batch(&[("b", None), ("c", Some("2")), ("c", Some("3"))]))).expect("too");
    write(&store, ShardId(9), batch(&[("z", Some("9"))]));

    let store = reopen(store);
    assert_eq!(read(&store, SHARD, "a"), Some("1".into()));
    assert_eq!(read(&store, SHARD, "b"), None);
    assert_eq!(read(&store, SHARD, "c"), Some("3".into()));
    assert_eq!(read_range(&store, SHARD, Range::all(FAMILY), 10), ["a", "c"]);
    assert_eq!(read(&store, ShardId(9), "z"), Some("9".into()));
    let other = store.claim(SHARD, "node-2", LEASE_MS, LEASE_MS - 1);
    assert_eq!(other, Err(Error::Fenced(SHARD)), "a lease outlives the handle");
    let claimed = claim(&store, SHARD);
    assert!(claimed.epoch > old, "epochs go on counting");
    assert_eq!(claimed.clock_floor, 700, "the clock goes on from where it was");
    fenced(store.commit(&commit(batch(&[("a", None)]))), SHARD);
    store.clear(SHARD, claimed.epoch).expect("the owner clears");

    let store = reopen(store);
    assert!(read_range(&store, SHARD, Range::all(FAMILY), 10).is_empty(), "cleared for good");
    assert_eq!(read(&store, ShardId(9), "z"), Some("9".into()));
    assert!(claim(&store, SHARD).epoch > claimed.epoch);
}
