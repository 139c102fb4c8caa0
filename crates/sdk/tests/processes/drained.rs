//! Workers that are asked to end.

use abide::prelude::*;

use crate::{
    functions::{follow, hold_then_follow},
    process::Workers,
    server,
};

/// A lease that does not run out here: whatever goes on elsewhere was given back.
const LONG: u64 = 3_600_000;

#[tokio::test]
async fn a_worker_that_is_asked_to_end_finishes_its_step_and_gives_back_the_rest() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "drained", LONG);
    let (log, gate) = (&workers.log, workers.gate("gate"));
    let mut leaver = workers.start().await;
    let client = Abide::connect(&url).await?;
    let execution = client.start("held", hold_then_follow(gate.clone()).on("drained")).await?;
    log.first("holds", &[leaver.pid()]).await;

    leaver.signal("-TERM");
    log.told("waiting for held").await;
    // New work goes to another one.
    let stayer = workers.start().await;
    assert_eq!(client.run("new", follow().on("drained")).await?, stayer.pid());

    log.told("stops at its next step").await;
    std::fs::write(&gate, "")?;
    // What it was in the middle of is recorded; the next step is somebody else's.
    assert_eq!(execution.await?, (leaver.pid(), stayer.pid()));
    assert!(leaver.ended().await.success());
    assert!(!log.has("holds", stayer.pid()));
    Ok(())
}

#[tokio::test]
async fn a_second_signal_gives_everything_back_at_once() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "hurried", LONG).draining(LONG);
    let (log, gate) = (&workers.log, workers.gate("gate"));
    let mut leaver = workers.start().await;
    let client = Abide::connect(&url).await?;
    let execution = client.start("hurried", hold_then_follow(gate.clone()).on("hurried")).await?;
    log.first("holds", &[leaver.pid()]).await;
    leaver.signal("-TERM");
    log.told("waiting for hurried").await;
    leaver.signal("-TERM");
    assert!(leaver.ended().await.success());
    assert!(log.has("dropped", leaver.pid()) && !log.has("went on", leaver.pid()));

    let stayer = workers.start().await;
    log.first("holds", &[stayer.pid()]).await;
    std::fs::write(&gate, "")?;
    assert_eq!(execution.await?, (stayer.pid(), stayer.pid()));
    Ok(())
}

#[tokio::test]
async fn what_takes_longer_than_the_drain_is_given_back() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "slow", LONG).draining(200);
    let (log, gate) = (&workers.log, workers.gate("gate"));
    let mut leaver = workers.start().await;
    let client = Abide::connect(&url).await?;
    let execution = client.start("slow", hold_then_follow(gate.clone()).on("slow")).await?;
    log.first("holds", &[leaver.pid()]).await;
    leaver.signal("-INT");
    assert!(leaver.ended().await.success());
    let stayer = workers.start().await;
    std::fs::write(&gate, "")?;
    assert_eq!(execution.await?, (stayer.pid(), stayer.pid()));
    Ok(())
}
