//! Lost leases and cancellations.

use abide::{ErrorKind, prelude::*};

use crate::{
    functions::{doze, hold_then_follow},
    process::Workers,
    server,
};

#[tokio::test]
async fn a_frozen_worker_finds_out_before_it_does_anything() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "frozen", 1_200);
    let (one, other) = (workers.start().await, workers.start().await);
    let (log, gate) = (&workers.log, workers.gate("gate"));

    let client = Abide::connect(&url).await?;
    let execution = client.start("frozen", hold_then_follow(gate.clone()).on("frozen")).await?;
    let first = log.first("holds", &[one.pid(), other.pid()]).await;
    let (frozen, other) = if first == one.pid() { (one, other) } else { (other, one) };
    frozen.signal("-STOP");
    // Its lease runs out, and the other one does the work.
    log.first("holds", &[other.pid()]).await;
    std::fs::write(&gate, "")?;
    let by_the_other = (other.pid(), other.pid());
    assert_eq!(execution.await?, by_the_other);

    // The gate is open: whatever the frozen one still did, it would do it now.
    frozen.signal("-CONT");
    log.first("dropped", &[frozen.pid()]).await;
    assert!(!log.has("went on", frozen.pid()), "{:?}", log.lines());
    assert!(!log.has("followed", frozen.pid()), "{:?}", log.lines());
    assert_eq!(client.get::<(u32, u32)>("frozen").await?, by_the_other);
    assert_eq!(client.get::<u32>("frozen:1").await?, other.pid());

    // It is as good as new.
    drop(other);
    let again = client.run("again", hold_then_follow(gate).on("frozen")).await?;
    assert_eq!(again, (frozen.pid(), frozen.pid()));
    Ok(())
}

#[tokio::test]
async fn a_frozen_worker_goes_on_if_nobody_took_over() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "thawed", 600_000);
    let worker = workers.start().await;
    let (log, gate) = (&workers.log, workers.gate("gate"));
    let client = Abide::connect(&url).await?;
    let execution = client.start("thawed", hold_then_follow(gate.clone()).on("thawed")).await?;
    log.first("holds", &[worker.pid()]).await;
    worker.signal("-STOP");
    std::fs::write(&gate, "")?;
    worker.signal("-CONT");
    assert_eq!(execution.await?, (worker.pid(), worker.pid()));
    assert_eq!(log.lines().iter().filter(|line| line.starts_with("holds")).count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_cancellation_reaches_a_body_that_makes_no_requests() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "dozers", 900);
    let worker = workers.start().await;
    let client = Abide::connect(&url).await?;
    let execution = client.start("dozes", doze().on("dozers")).await?;
    workers.log.first("dozes", &[worker.pid()]).await;
    client.get::<()>("dozes").cancel().await?;
    workers.log.first("woken", &[worker.pid()]).await;
    assert_eq!(execution.await.unwrap_err().kind(), ErrorKind::Canceled);
    Ok(())
}
