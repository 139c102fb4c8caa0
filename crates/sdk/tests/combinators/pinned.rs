//! Futures that are kept across the iterations of a loop, polled once, or dropped.

use std::{future::poll_fn, pin::pin, task::Poll};

use abide::prelude::*;

use crate::{
    functions::{days, leaf, slow},
    survives::survives,
};

#[durable]
async fn kept() -> Result<(u32, u32)> {
    let mut kept = pin!(slow(7, 10));
    let mut days_waited = 0;
    loop {
        select! {
            n = &mut kept => return Ok((n?, days_waited)),
            _ = sleep(days(3)) => days_waited += leaf(3).await?,
        }
    }
}

#[test]
fn a_call_that_is_kept_across_iterations() {
    survives!("kept", kept(), (7, 9));
}

#[durable]
async fn polled_once() -> Result<u32> {
    let (mut a, mut b) = (pin!(slow(1, 5)), pin!(slow(2, 3)));
    poll_fn(|cx| {
        assert!(a.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    leaf(3).await?;
    let first = select! { n = &mut a => n?, n = &mut b => n? };
    Ok(10 * first + leaf(4).await?)
}

#[test]
fn a_call_that_was_polled_once() {
    survives!("polled_once", polled_once(), 24);
}

#[durable]
async fn unpolled() -> Result<u32> {
    // A local function that its caller does not poll while its own children complete.
    let mut waiting = pin!(slow(1, 1));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    sleep(days(4)).await?;
    drop(slow(9, 9));
    Ok(waiting.await? + leaf(1).await?)
}

#[test]
fn a_function_that_is_not_polled_while_it_runs() {
    survives!("unpolled", unpolled(), 2);
}

#[durable]
async fn spawned() -> Result<Vec<u32>> {
    let early = slow(1, 6).spawn();
    let late = slow(2, 2).spawn();
    let between = leaf(3).await?;
    sleep(days(4)).await?;
    let late = late.await?;
    Ok(vec![between, late, early.await?])
}

#[test]
fn calls_that_are_spawned_and_awaited_later() {
    survives!("spawned", spawned(), vec![3, 2, 1]);
}
