//! Programs as ordinary async code: what they have to give.

use std::time::Duration;

use abide::{Error, Result};
use tokio::time::sleep;

use crate::{
    interpret::interpreter,
    node::{Node, Wait},
};

async fn slow(n: u64, days: u64) -> u64 {
    sleep(self::days(days)).await;
    mix(n, 1)
}

fn days(days: u64) -> Duration {
    Duration::from_secs(86_400 * days)
}

async fn wait(wait: &Wait) -> Result<u64> {
    Ok(match wait {
        Wait::Leaf(n) => mix(*n, 1),
        Wait::Sleep(days) => {
            sleep(self::days(*days)).await;
            *days
        }
        Wait::Slow(n, days) | Wait::Remote(n, days, _) => slow(*n, *days).await,
        Wait::Fail(n, days) => {
            slow(*n, *days).await;
            return Err(Error::permanent(n));
        }
        Wait::Timeout { days, limit } => {
            tokio::time::timeout(self::days(*limit), slow(3, *days)).await.unwrap_or(0)
        }
        Wait::Nested(node, _) => run(node).await?,
    })
}

/// Begins something now.
fn spawn(wait: &Wait) -> impl Future<Output = Result<u64>> {
    let wait = match wait {
        Wait::Timeout { days, .. } => (Wait::Sleep(*days), Some(0)),
        wait => (wait.clone(), None),
    };
    let spawned = tokio::spawn(async move {
        let value = self::wait(&wait.0).await;
        wait.1.map_or(value, Ok)
    });
    async move { spawned.await.expect("it does not panic") }
}

interpreter!();
