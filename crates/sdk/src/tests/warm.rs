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
        sleep(Duration::from_millis(1)).await?;
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
