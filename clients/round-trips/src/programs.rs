//! The durable functions that are measured, in Rust. `worker.mjs` has the same.

use std::time::Duration;

use abide::prelude::*;
use futures_util::future::try_join_all;

/// The group that executes what is called remotely, without the proxy.
pub(crate) const LEAVES: &str = "leaves";

#[durable]
async fn leaf(n: u32) -> Result<u32> {
    Ok(n)
}

#[durable]
async fn steps(n: u32) -> Result<u32> {
    let mut sum = 0;
    for i in 0..n {
        sum += leaf(i).await?;
    }
    Ok(sum)
}

#[durable]
async fn remotes(n: u32) -> Result<u32> {
    let mut sum = 0;
    for i in 0..n {
        sum += rpc::<u32>("leaf", (i,)).on(LEAVES).await?;
    }
    Ok(sum)
}

#[durable]
async fn sleeps(n: u32) -> Result<u32> {
    for _ in 0..n {
        sleep(Duration::from_millis(50)).await?;
    }
    Ok(n)
}

#[durable]
async fn fan(n: u32) -> Result<u32> {
    Ok(try_join_all((0..n).map(leaf)).await?.iter().sum())
}

#[durable]
async fn remote_fan(n: u32) -> Result<u32> {
    let calls = (0..n).map(|i| rpc::<u32>("leaf", (i,)).on(LEAVES));
    Ok(try_join_all(calls).await?.iter().sum())
}
