//! Programs as durable functions.

use std::time::Duration;

use abide::{prelude::*, test::note};

use crate::{
    interpret::interpreter,
    node::{Node, Wait},
};

#[durable]
async fn leaf(n: u64) -> Result<u64> {
    note("leaf");
    Ok(mix(n, 1))
}

#[durable]
async fn slow(n: u64, minutes: u64) -> Result<u64> {
    sleep(self::minutes(minutes)).await?;
    leaf(n).await
}

#[durable]
async fn fail(n: u64, minutes: u64) -> Result<u64> {
    sleep(self::minutes(minutes)).await?;
    Err(Error::permanent(n))
}

/// Runs a program.
#[durable]
pub(crate) async fn nested(node: Node) -> Result<u64> {
    run(&node).await
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn group(other: bool) -> &'static str {
    if other { "others" } else { "default" }
}

/// Awaits one thing.
async fn wait(wait: &Wait) -> Result<u64> {
    match wait {
        Wait::Leaf(n) => leaf(*n).await,
        Wait::Sleep(minutes) => sleep(self::minutes(*minutes)).await.map(|()| *minutes),
        Wait::Slow(n, minutes) => slow(*n, *minutes).await,
        Wait::Remote(n, minutes, other) => slow(*n, *minutes).on(group(*other)).await,
        Wait::Fail(n, minutes) => fail(*n, *minutes).await,
        Wait::Timeout { minutes, limit } => {
            match slow(3, *minutes).timeout(self::minutes(*limit)).await {
                Err(error) if error.kind() == ErrorKind::Timeout => Ok(0),
                done => done,
            }
        }
        Wait::Nested(node, true) => nested((**node).clone()).on("others").await,
        Wait::Nested(node, false) => nested((**node).clone()).await,
    }
}

/// Begins something now.
fn spawn(wait: &Wait) -> impl Future<Output = Result<u64>> {
    let spawned = match wait {
        Wait::Leaf(n) => Ok(leaf(*n).spawn()),
        Wait::Slow(n, minutes) => Ok(slow(*n, *minutes).spawn()),
        Wait::Remote(n, minutes, other) => Ok(slow(*n, *minutes).on(group(*other)).spawn()),
        Wait::Fail(n, minutes) => Ok(fail(*n, *minutes).spawn()),
        Wait::Nested(node, true) => Ok(nested((**node).clone()).on("others").spawn()),
        Wait::Nested(node, false) => Ok(nested((**node).clone()).spawn()),
        Wait::Timeout { minutes, .. } => Err((sleep(self::minutes(*minutes)).spawn(), 0)),
        Wait::Sleep(minutes) => Err((sleep(self::minutes(*minutes)).spawn(), *minutes)),
    };
    async move {
        match spawned {
            Ok(spawned) => spawned.await,
            Err((timer, value)) => timer.await.map(|()| value),
        }
    }
}

interpreter!();
