//! What the programs are made of.

use std::time::Duration;

use abide::{prelude::*, test::note};

/// A local call, done at once.
#[durable]
pub(crate) async fn leaf(n: u32) -> Result<u32> {
    note("leaf");
    Ok(n)
}

/// A local call that fails for good.
#[durable]
pub(crate) async fn fails(n: u32) -> Result<u32> {
    Err(Error::permanent(format!("failure {n}")))
}

/// A local function that takes that many days. What goes wrong in between takes hours at most.
#[durable]
pub(crate) async fn slow(n: u32, days: u64) -> Result<u32> {
    sleep(self::days(days)).await?;
    leaf(n).await
}

/// The same with a failure at the end.
#[durable]
pub(crate) async fn slow_failure(n: u32, days: u64) -> Result<u32> {
    sleep(self::days(days)).await?;
    fails(n).await
}

pub(crate) fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}
