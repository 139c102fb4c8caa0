//! Wide fan-outs: what a completion costs does not grow with their width.

use std::sync::atomic::{AtomicU32, Ordering};

use abide_client::NodeLink;

use super::{
    counting::{Figures, by_http, inside, serve},
    link::engine,
};
use crate::prelude::*;

/// Each test has its own, since they run side by side.
static STARTS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];

#[durable]
async fn one(n: u64) -> Result<u64> {
    Ok(n)
}

#[durable]
async fn wide(test: usize, n: u64) -> Result<u64> {
    STARTS[test].fetch_add(1, Ordering::Relaxed);
    let calls = (0..n).map(|n| one(n).on("wide-workers"));
    Ok(futures_util::future::try_join_all(calls).await?.into_iter().sum())
}

fn starts(test: usize) -> u32 {
    STARTS[test].swap(0, Ordering::Relaxed)
}

fn work(abide: Abide) {
    tokio::spawn(async move { abide.group("wide-workers").serve().await });
}

/// Bytes that a call may move, however many there are beside it. A call, its result and the waking
/// of its caller take two to four thousand, depending on how many results come at one time; moving
/// what all the calls of a fan-out of a thousand are about in each of its waves would take fifty.
const BYTES_PER_CALL: u64 = 8 << 10;

fn linear(costs: &[(u64, Figures)]) {
    for (calls, figures) in costs {
        assert!(figures.bytes <= calls * BYTES_PER_CALL, "{calls} calls: {figures:?}");
    }
}

#[tokio::test]
async fn over_http_a_call_costs_the_same_among_a_hundred_and_a_thousand() {
    let url = serve(false).await;
    work(Abide::connect(&url).await.unwrap());
    let mut costs = Vec::new();
    for n in [100, 1_000] {
        let (abide, counts) = by_http(&url).await;
        assert_eq!(abide.run(&format!("wide/{n}"), wide(0, n)).await.unwrap(), n * (n - 1) / 2);
        assert_eq!(starts(0), 1, "it is not replayed");
        costs.push((n, counts.now()));
    }
    linear(&costs);
}

#[tokio::test]
async fn within_a_process_a_call_costs_the_same_among_a_hundred_and_a_thousand() {
    let node = engine().await;
    work(Abide::new(std::sync::Arc::new(NodeLink::new(node.clone()))).unwrap());
    let mut costs = Vec::new();
    for n in [100, 1_000] {
        let (abide, counts) = inside(&node);
        assert_eq!(abide.run(&format!("wide/{n}"), wide(1, n)).await.unwrap(), n * (n - 1) / 2);
        assert_eq!(starts(1), 1, "it is not replayed");
        costs.push((n, counts.now()));
    }
    linear(&costs);
}

#[tokio::test]
async fn a_plain_server_is_not_asked_for_everything_at_each_completion() {
    let url = serve(true).await;
    work(Abide::connect(&url).await.unwrap());
    let mut costs = Vec::new();
    for n in [100, 1_000] {
        let (abide, counts) = by_http(&url).await;
        assert_eq!(abide.run(&format!("wide/{n}"), wide(2, n)).await.unwrap(), n * (n - 1) / 2);
        assert_eq!(starts(2), 1, "it is not replayed");
        costs.push((n, counts.now()));
    }
    linear(&costs);
}

#[tokio::test]
async fn without_room_in_memory_it_is_replayed_for_bursts_of_completions() {
    let url = serve(false).await;
    work(Abide::connect(&url).await.unwrap());
    let (abide, counts) = by_http(&url).await;
    let n = 1_000;
    assert_eq!(abide.warm(0).run("cold", wide(3, n)).await.unwrap(), n * (n - 1) / 2);
    let starts = starts(3);
    println!("started {starts} times: {:?}", counts.now());
    assert!(starts < 250, "started {starts} times for {n} completions");
}
