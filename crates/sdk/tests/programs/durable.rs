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
async fn slow(n: u64, days: u64) -> Result<u64> {
    sleep(self::days(days)).await?;
    leaf(n).await
}

#[durable]
async fn fail(n: u64, days: u64) -> Result<u64> {
    sleep(self::days(days)).await?;
    Err(Error::permanent(n))
}

/// Runs a program.
#[durable]
pub(crate) async fn nested(node: Node) -> Result<u64> {
    run(&node).await
}

fn days(days: u64) -> Duration {
    Duration::from_secs(86_400 * days)
}

fn group(other: bool) -> &'static str {
    if other { "others" } else { "default" }
}

/// Awaits one thing.
async fn wait(wait: &Wait) -> Result<u64> {
    match wait {
        Wait::Leaf(n) => leaf(*n).await,
        Wait::Sleep(days) => sleep(self::days(*days)).await.map(|()| *days),
        Wait::Slow(n, days) => slow(*n, *days).await,
        Wait::Remote(n, days, other) => slow(*n, *days).on(group(*other)).await,
        Wait::Fail(n, days) => fail(*n, *days).await,
        Wait::Timeout { days, limit } => match slow(3, *days).timeout(self::days(*limit)).await {
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(0),
            done => done,
        },
        Wait::Nested(node, true) => nested((**node).clone()).on("others").await,
        Wait::Nested(node, false) => nested((**node).clone()).await,
    }
}

/// Begins something now.
fn spawn(wait: &Wait) -> impl Future<Output = Result<u64>> {
    let spawned = match wait {
        Wait::Leaf(n) => Ok(leaf(*n).spawn()),
        Wait::Slow(n, days) => Ok(slow(*n, *days).spawn()),
        Wait::Remote(n, days, other) => Ok(slow(*n, *days).on(group(*other)).spawn()),
        Wait::Fail(n, days) => Ok(fail(*n, *days).spawn()),
        Wait::Nested(node, true) => Ok(nested((**node).clone()).on("others").spawn()),
        Wait::Nested(node, false) => Ok(nested((**node).clone()).spawn()),
        Wait::Timeout { days, .. } => Err((sleep(self::days(*days)).spawn(), 0)),
        Wait::Sleep(days) => Err((sleep(self::days(*days)).spawn(), *days)),
    };
    async move {
        match spawned {
            Ok(spawned) => spawned.await,
            Err((timer, value)) => timer.await.map(|()| value),
        }
    }
}

interpreter!();
