//! Branches that talk to each other, and functions within functions.

use abide::prelude::*;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{
    functions::{leaf, slow},
    survives::survives,
};

#[durable]
async fn channels() -> Result<Vec<u32>> {
    let (sender, mut receiver) = mpsc::channel(1);
    let (asked, answer) = oneshot::channel();
    let produce = async {
        for n in 1..=3 {
            sender.send(slow(n, u64::from(4 - n)).await?).await.expect("it is received");
        }
        drop(sender);
        Ok::<_, Error>(answer.await.expect("it is answered"))
    };
    let consume = async {
        let mut got = Vec::new();
        while let Some(n) = receiver.recv().await {
            got.push(leaf(10 * n).await?);
        }
        asked.send(got.len() as u32).expect("it is awaited");
        Ok(got)
    };
    let (count, mut got) = try_join!(produce, consume)?;
    got.push(count);
    Ok(got)
}

#[test]
fn a_channel_between_branches() {
    survives!("channels", channels(), vec![10, 20, 30, 3]);
}

#[durable]
async fn locked() -> Result<Vec<u32>> {
    let order = Mutex::new(Vec::new());
    let branch = async |n: u32, days: u64| {
        slow(n, days).await?;
        let mut order = order.lock().await;
        order.push(n);
        // Whoever has the lock waits, and the others with it.
        order.push(slow(10 * n, 5).await?);
        Ok::<_, Error>(())
    };
    try_join!(branch(1, 3), branch(2, 1), branch(3, 4))?;
    Ok(order.into_inner())
}

#[test]
fn a_lock_between_branches() {
    survives!("locked", locked(), vec![2, 20, 1, 10, 3, 30]);
}

#[durable]
async fn three_deep(n: u32) -> Result<u32> {
    let (a, b) = try_join!(two_deep(n), two_deep(n + 10))?;
    Ok(a + b)
}

#[durable]
async fn two_deep(n: u32) -> Result<u32> {
    let first = slow(n, 1).await?;
    let spawned = one_deep(n + 1).spawn();
    let second = select! { n = one_deep(n + 2) => n?, n = slow(100, 30) => n? };
    Ok(first + second + spawned.await?)
}

#[durable]
async fn one_deep(n: u32) -> Result<u32> {
    Ok(leaf(n).await? + slow(1, u64::from(n % 5)).await?)
}

#[test]
fn functions_within_functions() {
    // (1 + 4 + 3) + (11 + 14 + 13)
    survives!("three_deep", three_deep(1), 46);
}
