//! The process that executes.

use std::{path::Path, time::Duration};

use abide::{Abide, Result};

use super::log;

/// How long a task stays with a worker that is not heard of.
const LEASE: Duration = Duration::from_secs(1);

/// Executes what a group is sent until the process is ended. What it attempts stands in `log`.
///
/// # Errors
/// When the server cannot be connected to.
pub async fn run(url: &str, group: &str, log: &Path) -> Result<()> {
    log::open(log).map_err(abide::Error::application)?;
    let abide = loop {
        // The server is killed all the time.
        match Abide::connect(url).await {
            Ok(abide) => break abide,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    abide.group(group).lease(LEASE).serve().await
}
