//! A suspended execution goes on where it was, if it is still in memory.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::link::{Process, engine};
use crate::prelude::*;

static STARTS: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn naps(n: u32) -> Result<u32> {
    STARTS.fetch_add(1, Ordering::Relaxed);
    for _ in 0..n {
        // Long enough to be suspended before it is over, on a busy machine too.
        sleep(Duration::from_millis(30)).await?;
    }
    Ok(n)
}

#[tokio::test]
async fn a_warm_execution_is_not_replayed_and_a_cold_one_is() {
    let node = engine().await;
    let Process { abide, link } = Process::start(&node, i64::MAX, true).await;
    assert_eq!(abide.run("warm", naps(5)).await.unwrap(), 5);
    assert_eq!(STARTS.swap(0, Ordering::Relaxed), 1);
    // One request for each of: the root, five timers, five suspensions, the end.
    assert_eq!(link.writes.swap(0, Ordering::Relaxed), 12);

    let abide = abide.warm(0);
    assert_eq!(abide.run("cold", naps(5)).await.unwrap(), 5);
    assert_eq!(STARTS.swap(0, Ordering::Relaxed), 6);
    assert_eq!(link.writes.load(Ordering::Relaxed), 12);
}

static DROPPED: AtomicU32 = AtomicU32::new(0);
static COLD_DROPPED: AtomicU32 = AtomicU32::new(0);

/// What the one without a budget is given.
const COLD: usize = 100;

struct CountDrop(usize);

impl Drop for CountDrop {
    fn drop(&mut self) {
        let count = if self.0 == COLD { &COLD_DROPPED } else { &DROPPED };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[durable]
async fn waits(size: usize) -> Result<u32> {
    let _dropped = CountDrop(size);
    // It lives in the future itself.
    let large = [0_u8; 4_096];
    let answer = promise::<u32>().await?;
    Ok(answer + u32::from(large[size]))
}

async fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("in vain");
}

#[tokio::test]
async fn a_suspended_execution_beyond_the_budget_holds_no_memory() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    // Room for the bytes of one or two of them, but not of three.
    let abide = abide.warm_bytes(3 * 4_096);
    let worker = abide.worker();
    for n in 0..6 {
        abide.start(&format!("waits-{n}"), waits(n)).await.unwrap();
        wait_until(|| DROPPED.load(Ordering::Relaxed) as usize >= n.saturating_sub(1)).await;
    }
    assert!(DROPPED.load(Ordering::Relaxed) < 6, "the last one has room");
    let cold = abide.clone().warm(0);
    cold.start("waits-cold", waits(COLD)).await.unwrap();
    let cold_worker = cold.worker();
    wait_until(|| COLD_DROPPED.load(Ordering::Relaxed) == 1 && cold_worker.is_empty()).await;
    assert!(!worker.is_empty());
    for n in 0..6 {
        abide.get::<u32>(&format!("waits-{n}:1")).resolve(&n).await.unwrap();
        assert_eq!(abide.get::<u32>(&format!("waits-{n}")).await.unwrap(), n);
    }
    cold.get::<u32>("waits-cold:1").resolve(&7).await.unwrap();
    assert_eq!(cold.get::<u32>("waits-cold").await.unwrap(), 7);
    wait_until(|| worker.is_empty() && cold_worker.is_empty()).await;
}
