//! The durable functions that the processes execute.

use std::{path::PathBuf, time::Duration};

use abide::prelude::*;

use crate::log::{self, SayDropped, say};

/// Two steps, the first of which waits until a file is there. Gives the process of each.
#[durable]
pub(crate) async fn hold_then_follow(gate: PathBuf) -> Result<(u32, u32)> {
    let held = hold(gate).await?;
    Ok((held, follow().await?))
}

#[durable]
pub(crate) async fn hold(gate: PathBuf) -> Result<u32> {
    say("holds");
    let _said = SayDropped("dropped");
    log::file(&gate).await;
    say("went on");
    Ok(std::process::id())
}

#[durable]
pub(crate) async fn follow() -> Result<u32> {
    say("followed");
    Ok(std::process::id())
}

/// A body that makes no request for an hour.
#[durable]
pub(crate) async fn doze() -> Result<()> {
    say("dozes");
    let _said = SayDropped("woken");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(())
}
