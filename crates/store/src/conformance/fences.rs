//! Claims, leases, epochs and clocks.

use super::*;
use crate::Epoch;

pub(super) const CHECKS: &[Check] = &[
    claims_count_upwards,
    a_stale_owner_writes_nothing,
    nobody_writes_without_a_claim,
    one_fenced_shard_stops_the_whole_commit,
    a_lease_keeps_other_nodes_out,
    clocks_never_go_back,
];

fn claims_count_upwards(store: &dyn Store) {
    let (first, second) = (claim(store, SHARD).epoch, claim(store, SHARD).epoch);
    assert!(second > first, "claims count upwards: {second:?} follows {first:?}");
    assert!(claim(store, ShardId(1)).epoch <= first, "shards are claimed one by one");
}

fn a_stale_owner_writes_nothing(store: &dyn Store) {
    let stale = claim(store, SHARD).epoch;
    let epoch = claim(store, SHARD).epoch;
    let write = |epoch, value| {
        store.commit(&[Commit { shard: SHARD, epoch, batch: batch(&[("a", Some(value))]) }])
    };
    fenced(write(stale, "stale"), SHARD);
    fenced(store.clear(SHARD, stale), SHARD);
    assert_eq!(read(store, SHARD, "a"), None);
    assert_eq!(write(epoch, "current"), Ok(()));
    fenced(write(stale, "stale"), SHARD);
    fenced(store.clear(SHARD, stale), SHARD);
    assert_eq!(read(store, SHARD, "a"), Some("current".into()));
}

fn nobody_writes_without_a_claim(store: &dyn Store) {
    for epoch in [0, 1, u64::MAX].map(Epoch) {
        let commit = Commit { shard: SHARD, epoch, batch: batch(&[("a", Some("1"))]) };
        fenced(store.commit(&[commit]), SHARD);
    }
    assert_eq!(read(store, SHARD, "a"), None);
}

fn one_fenced_shard_stops_the_whole_commit(store: &dyn Store) {
    let shards = [0, 1, 2].map(ShardId);
    let stale = shards.map(|shard| claim(store, shard).epoch);
    let fresh = claim(store, shards[1]).epoch;
    let commits = |middle| {
        let epochs = [stale[0], middle, stale[2]];
        [0, 1, 2].map(|n| {
            let batch = batch(&[("a", Some("1"))]);
            Commit { shard: shards[n], epoch: epochs[n], batch }
        })
    };
    fenced(store.commit(&commits(stale[1])), shards[1]);
    assert_eq!(shards.map(|shard| read(store, shard, "a")), [None, None, None]);
    assert_eq!(store.commit(&commits(fresh)), Ok(()));
    assert_eq!(shards.map(|shard| read(store, shard, "a")), [(); 3].map(|()| Some("1".into())));
}

fn a_lease_keeps_other_nodes_out(store: &dyn Store) {
    let first = store.claim(SHARD, "one", 1_000, 500).expect("an unowned shard can be claimed");
    let refused = store.claim(SHARD, "two", 1_000, 1_499);
    assert_eq!(refused, Err(Error::Fenced(SHARD)), "the lease of another node runs");
    let commit = |epoch| Commit { shard: SHARD, epoch, batch: batch(&[("a", Some("1"))]) };
    assert_eq!(store.commit(&[commit(first.epoch)]), Ok(()), "a refused claim fences nobody");
    let second = store.claim(SHARD, "two", 1_000, 1_500).expect("the lease is over");
    assert!(second.epoch > first.epoch);
    assert!(second.clock_floor >= 1_500, "the first node may have acted until its lease ended");
    fenced(store.commit(&[commit(first.epoch)]), SHARD);
    let renewed = store.claim(SHARD, "two", 1_000, 1_600).expect("a node may claim its own anew");
    assert!(renewed.epoch > second.epoch);
}

fn clocks_never_go_back(store: &dyn Store) {
    for (now, floor) in [(700, 700), (650, 700), (900, 900)] {
        let epoch = claim(store, SHARD).epoch;
        let mut batch = batch(&[("a", Some("1"))]);
        batch.now = now;
        store.commit(&[Commit { shard: SHARD, epoch, batch }]).expect("the owner commits");
        assert_eq!(
            claim(store, SHARD).clock_floor,
            floor,
            "the clock is that of the latest commit: at {now}"
        );
    }
}
