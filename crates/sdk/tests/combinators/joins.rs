//! `join!`, `try_join!`, `join_all`, `try_join_all`.

use abide::prelude::*;
use futures_util::future::{join_all, try_join_all};

use crate::{
    functions::{fails, leaf, slow, slow_failure},
    survives::survives,
};

#[durable]
async fn joined() -> Result<Vec<u32>> {
    let (a, b, c) = join!(leaf(1), slow(2, 5), slow(3, 2));
    // Of blocks: which is polled first depends on what is ready.
    let (d, e) = join!(
        async {
            let d = slow(4, 3).await?;
            Ok::<_, Error>(d + leaf(5).await?)
        },
        async {
            let e = slow(6, 1).await?;
            Ok::<_, Error>(e + leaf(7).await?)
        },
    );
    Ok(vec![a?, b?, c?, d?, e?])
}

#[test]
fn join() {
    survives!("join", joined(), vec![1, 2, 3, 9, 13]);
}

#[durable]
async fn try_joined() -> Result<(u32, String)> {
    let (a, b) = try_join!(slow(1, 2), leaf(2))?;
    // The later one fails, but the earlier failure ends it.
    let failed = try_join!(slow_failure(3, 9), slow(4, 1), slow_failure(5, 2)).unwrap_err();
    let after = leaf(6).await?;
    Ok((a + b + after, failed.message().to_owned()))
}

#[test]
fn try_join() {
    survives!("try_join", try_joined(), (9, "failure 5".to_owned()));
}

#[durable]
async fn all_joined() -> Result<Vec<Option<u32>>> {
    let some = join_all((0..4).map(|n| slow(n, 10 - u64::from(n)))).await;
    let none = join_all([fails(1), leaf(2), fails(3)]).await;
    Ok(some.into_iter().chain(none).map(Result::ok).collect())
}

#[test]
fn join_all_of_calls() {
    let gives = vec![Some(0), Some(1), Some(2), Some(3), None, Some(2), None];
    survives!("join_all", all_joined(), gives);
}

#[durable]
async fn all_tried() -> Result<(Vec<u32>, String)> {
    let all = try_join_all((0..5).map(leaf)).await?;
    let failed = try_join_all([slow_failure(1, 7), slow_failure(2, 3)]).await.unwrap_err();
    Ok((all, failed.message().to_owned()))
}

#[test]
fn try_join_all_of_calls() {
    survives!("try_join_all", all_tried(), (vec![0, 1, 2, 3, 4], "failure 2".to_owned()));
}
