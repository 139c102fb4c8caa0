//! `FuturesUnordered`, `buffer_unordered`, `buffered`.

use abide::prelude::*;
use futures_util::{StreamExt, TryStreamExt, stream, stream::FuturesUnordered};

use crate::{
    functions::{leaf, slow},
    survives::survives,
};

#[durable]
async fn unordered() -> Result<Vec<u32>> {
    let mut all: FuturesUnordered<_> =
        [5, 2, 9, 1].map(|n| slow(n, n.into())).into_iter().collect();
    let mut order = Vec::new();
    while let Some(n) = all.next().await {
        // What follows each completion is recorded too.
        order.push(leaf(n?).await?);
        if order.len() == 2 {
            all.push(slow(6, 2));
        }
    }
    Ok(order)
}

#[test]
fn futures_unordered() {
    survives!("unordered", unordered(), vec![1, 2, 6, 5, 9]);
}

#[durable]
async fn buffered() -> Result<Vec<u32>> {
    let slow = |n: u32| slow(n, [6, 5, 4, 9, 2, 4][n as usize - 1]);
    let by_end: Vec<_> = stream::iter(1..7).map(slow).buffer_unordered(3).try_collect().await?;
    let by_start: Vec<_> = stream::iter(1..5).map(slow).buffered(2).try_collect().await?;
    Ok(by_end.into_iter().chain(by_start).collect())
}

#[test]
fn streams_of_calls() {
    // Three at a time end on the days 4, 5, 6, 7, 10 and 13.
    survives!("buffered", buffered(), vec![3, 2, 1, 5, 6, 4, 1, 2, 3, 4]);
}
