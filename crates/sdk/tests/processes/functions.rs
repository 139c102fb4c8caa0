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

/// All the ways to wait and to end: a step, a timer, a remote call, an attempt that fails, an error,
/// a deadline.
#[durable]
pub(crate) async fn varied(n: u32, group: String) -> Result<u32> {
    match n % 6 {
        0 => stumble(n).await,
        1 => {
            sleep(Duration::from_millis(1)).await?;
            Ok(n)
        }
        2 => stumble(n).on(&group).await,
        3 => {
            let (here, there) = join!(stumble(n), stumble(n).on(&group));
            Ok(here? + there?)
        }
        4 => Err(Error::permanent("it fails")),
        _ => {
            let late = doze_quietly().timeout(Duration::from_millis(2)).await;
            late.or(Ok(n))
        }
    }
}

#[durable]
async fn stumble(n: u32) -> Result<u32> {
    Ok(n)
}

#[durable]
async fn doze_quietly() -> Result<u32> {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(0)
}

/// A body that makes no request for an hour.
#[durable]
pub(crate) async fn doze() -> Result<()> {
    say("dozes");
    let _said = SayDropped("woken");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(())
}
