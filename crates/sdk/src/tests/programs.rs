//! Programs to crash.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use crate::prelude::*;

/// How often each leaf ran, by its id.
pub(super) static RUNS: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);

#[durable]
async fn leaf(n: u32) -> Result<u32> {
    let id = crate::id().expect("it runs in an execution");
    *RUNS.lock().unwrap().get_or_insert_default().entry(id).or_default() += 1;
    Ok(n)
}

#[durable]
async fn nested(n: u32) -> Result<u32> {
    let a = leaf(n).await?;
    sleep(Duration::from_millis(2)).await?;
    let b = leaf(n + 1).await?;
    Ok(a + b)
}

#[durable]
pub(super) async fn everything() -> Result<Vec<u32>> {
    let first = leaf(1).await?;
    let spawned = nested(10).spawn();
    let (a, b) = try_join!(leaf(2), nested(20))?;
    let raced = select! {
        n = nested(30) => n?,
        _ = sleep(Duration::from_secs(3_600)) => 0,
    };
    let approval = promise::<u32>().named("approval");
    approve(approval.id()).await?;
    let approved = approval.await?;
    let remote = rpc::<u32>("nested", (40,)).on("default").await?;
    Ok(vec![first, a, b, raced, approved, remote, spawned.await?])
}

#[durable]
async fn approve(id: String) -> Result<()> {
    APPROVALS.lock().unwrap().push(id);
    Ok(())
}

/// The ids of the promises to settle.
pub(super) static APPROVALS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What `everything` gives.
pub(super) const EVERYTHING: [u32; 7] = [1, 2, 41, 61, 7, 81, 21];
