//! Errors across calls, processes and restarts.

mod support;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use abide::{Call, ErrorKind, attempt, idempotency_key, prelude::*};
use serde::{Deserialize, Serialize};

/// An error as an application has it.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
enum ShopError {
    #[error("card {card} was declined: {reason}")]
    Declined { card: String, reason: String },
    #[error("closed")]
    Closed,
    #[error("the engine: {0}")]
    Abide(#[from] Error),
}

type ShopResult<T> = std::result::Result<T, ShopError>;

/// How often a body ran.
static RUNS: AtomicU32 = AtomicU32::new(0);

#[durable(retry = Retry::never())]
async fn charge(card: String) -> ShopResult<u64> {
    match card.as_str() {
        "" => Err(ShopError::Declined { card, reason: "no number".into() }),
        "broken" => Err(Error::permanent("the reader is broken"))?,
        _ => Ok(7),
    }
}

#[durable]
async fn order(card: String, till: Option<String>) -> ShopResult<u64> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let call = charge(card);
    match till {
        Some(group) => call.on(&group).await,
        None => call.await,
    }
}

fn declined(error: &ShopError) -> bool {
    matches!(error, ShopError::Declined { card, reason } if card.is_empty() && reason == "no number")
}

#[tokio::test]
async fn an_error_keeps_its_type_over_two_processes_and_a_restart() -> Result<()> {
    let (url, _server) = support::server().await;
    let tills = Abide::connect(&url).await?.group("tills");
    let shops = Abide::connect(&url).await?.group("shops");
    tokio::spawn(async move { tills.serve().await });
    tokio::spawn(async move { shops.serve().await });
    let caller = Abide::connect(&url).await?.group("callers");
    // From the till to the shop to the caller: three processes.
    let call = || order(String::new(), Some("tills".into())).on("shops");
    let error = caller.run("order/1", call()).await.unwrap_err();
    assert!(declined(&error), "{error:?}");
    // The caller starts again, and asks for the same.
    drop(caller);
    let caller = Abide::connect(&url).await?.group("callers");
    let error = caller.run("order/1", call()).await.unwrap_err();
    assert!(declined(&error), "{error:?}");
    // Who does not know the type can read it, and take it out.
    let error = caller.get::<u64>("order/1").await.unwrap_err();
    assert_eq!((error.kind(), error.name()), (ErrorKind::Application, Some("ShopError")));
    assert_eq!(error.message(), "card  was declined: no number");
    assert!(declined(&error.data().unwrap()));
    let record = caller.promises().get("order/1").await?;
    assert!(declined(&record.result_or::<u64, ShopError>().unwrap().unwrap_err()));
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_engine_arrives_within_ones_own() -> Result<()> {
    let abide = Abide::memory().await?;
    let error = abide.run("broken", order("broken".into(), None)).await.unwrap_err();
    let ShopError::Abide(error) = error else { panic!("{error:?}") };
    assert_eq!((error.message(), error.is_permanent()), ("the reader is broken", true));
    let late = order(String::new(), Some("nobody".into())).timeout(Duration::from_millis(30));
    let error = abide.run("late", late).await.unwrap_err();
    let ShopError::Abide(error) = error else { panic!("{error:?}") };
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, "timeout"));
    Ok(())
}

#[tokio::test]
async fn an_error_is_the_same_after_a_restart() -> Result<()> {
    let directory = tempfile::tempdir()?;
    for _ in 0..3 {
        let abide = Abide::open(directory.path()).await?;
        let error = abide.run("order/9", order(String::new(), None)).await.unwrap_err();
        assert!(declined(&error), "{error:?}");
        abide.close().await;
    }
    Ok(())
}

#[durable(retry = Retry::fixed(Duration::ZERO).attempts(9).when(is_closed))]
async fn opens_at_three(hours: u32) -> ShopResult<(u32, String)> {
    match attempt() {
        Some(hour) if hour < hours => Err(ShopError::Closed),
        Some(hour) if hour > 5 => Err(ShopError::Declined { card: "x".into(), reason: "x".into() }),
        hour => Ok((hour.unwrap_or(0), idempotency_key().unwrap_or_default())),
    }
}

fn is_closed(error: &Error) -> bool {
    matches!(error.data(), Some(ShopError::Closed))
}

#[tokio::test]
async fn a_predicate_decides_what_is_tried_again() -> Result<()> {
    let abide = Abide::memory().await?;
    let (attempts, key) = abide.run("open/3", opens_at_three(3)).await.unwrap();
    assert_eq!(attempts, 3);
    assert!(key.starts_with("open/3-"), "{key}");
    assert_ne!(key.as_str(), "open/3-");
    // The sixth attempt fails otherwise, and there is no seventh.
    let error = abide.run("open/7", opens_at_three(7)).await.unwrap_err();
    assert!(matches!(error, ShopError::Declined { .. }), "{error:?}");
    Ok(())
}

#[durable]
async fn always_fails(counter: String) -> Result<u32> {
    let attempts = attempt().unwrap_or(0);
    Err(Error::application(format!("{counter} {attempts}")))
}

fn failing(policy: Retry) -> Call<u32> {
    always_fails("attempt".into()).retry(policy)
}

/// An execution of its own, at the root of another tree.
#[durable]
async fn attached() -> Result<u32> {
    failing(Retry::fixed(Duration::ZERO).attempts(3)).id("attached/3").await
}

#[tokio::test]
async fn a_call_chooses_how_it_is_retried_wherever_it_runs() -> Result<()> {
    const THRICE: Retry = Retry::fixed(Duration::ZERO).attempts(3);
    let (url, _server) = support::server().await;
    let worker = Abide::connect(&url).await?.group("patient");
    tokio::spawn(async move { worker.serve().await });
    let abide = Abide::connect(&url).await?.group("here");
    for (id, call, last) in [
        ("here/1", failing(Retry::never()), 1),
        ("here/3", failing(THRICE), 3),
        ("there/1", failing(Retry::never()).on("patient"), 1),
        ("there/3", failing(THRICE).on("patient"), 3),
        ("within/3", attached(), 3),
    ] {
        let error = abide.run(id, call).await.unwrap_err();
        assert_eq!(error.message(), format!("attempt {last}"), "{id}");
    }
    let picky = || failing(THRICE.when(|_| false));
    for refused in [
        abide.run("picky/here", picky()).await.unwrap_err(),
        abide.run("picky/there", picky().on("patient")).await.unwrap_err(),
        abide.schedule("picky", "0 9 * * *", picky()).await.map(drop).unwrap_err(),
    ] {
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Misuse, "retry_predicate"));
    }
    Ok(())
}
