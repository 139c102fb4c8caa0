//! The programs with durable functions.

use std::time::Duration;

use abide::prelude::*;

use crate::programs::programs;

/// A call that takes that many hours, during which the program is suspended.
#[durable]
pub(crate) async fn wait(n: u32, hours: u64) -> Result<u32> {
    pause(hours).await?;
    Ok(n)
}

/// The same with a failure at the end.
#[durable]
pub(crate) async fn fail(n: u32, hours: u64) -> Result<u32> {
    pause(hours).await?;
    Err(Error::permanent(format!("failure {n}")))
}

/// Waits, without a call.
pub(crate) fn pause(hours: u64) -> Call<()> {
    sleep(Duration::from_secs(3_600 * hours))
}

programs!(#[durable]);
