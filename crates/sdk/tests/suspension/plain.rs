//! The programs with ordinary functions.

use std::time::Duration;

use abide::{Error, Result};
use tokio::{time::sleep, try_join};

use crate::programs::programs;

pub(crate) async fn wait(n: u32, hours: u64) -> Result<u32> {
    pause(hours).await?;
    Ok(n)
}

pub(crate) async fn fail(n: u32, hours: u64) -> Result<u32> {
    pause(hours).await?;
    Err(Error::permanent(format!("failure {n}")))
}

pub(crate) async fn pause(hours: u64) -> Result<()> {
    sleep(Duration::from_secs(3_600 * hours)).await;
    Ok(())
}

programs!();
