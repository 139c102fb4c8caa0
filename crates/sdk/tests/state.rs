//! What a process gives to the functions that it executes.

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use abide::{ErrorKind, prelude::*};

/// A connection pool, as far as a test needs one: cloned, shared, not serialisable.
#[derive(Clone, Default)]
struct Pool(Arc<AtomicU32>);

#[derive(Clone)]
struct Currency(&'static str);

#[durable]
async fn charge(#[state] pool: Pool, card: String, #[state] currency: Currency) -> Result<String> {
    let number = pool.0.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(format!("{number} {card} {}", currency.0))
}

#[durable]
async fn shop(cards: Vec<String>) -> Result<Vec<String>> {
    futures_util::future::try_join_all(cards.into_iter().map(charge)).await
}

#[durable(on = "tills")]
async fn till(#[state] drawer: Drawer) -> Result<u32> {
    Ok(drawer.0)
}

#[derive(Clone)]
struct Drawer(u32);

#[durable]
async fn shut() -> Result<()> {
    Ok(())
}

fn shopping() -> abide::Call<Vec<String>> {
    shop(vec!["a".into()])
}

#[tokio::test]
async fn it_is_given_by_type() -> Result<()> {
    let pool = Pool::default();
    let abide = Abide::memory().await?.state(pool.clone()).state(Currency("EUR"));
    assert_eq!(abide.run("shop/1", shopping()).await?, ["1 a EUR"]);
    assert_eq!(pool.0.load(Ordering::Relaxed), 1);
    let other = abide.clone().state(Currency("CHF"));
    assert_eq!(other.run("shop/2", shopping()).await?, ["2 a CHF"]);
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_runs() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let abide = Abide::open(directory.path()).await?.state(Pool::default());
    // Even a function that needs none: the next call may need it.
    for error in [
        abide.run("shut", shut()).await.unwrap_err(),
        abide.serve().await.unwrap_err(),
        abide.run("shop", shopping()).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "no_state"));
        for part in ["\"charge\"", "state::Currency", "`currency`", ".state(value)"] {
            assert!(error.message().contains(part), "{error}");
        }
    }
    assert_eq!(abide.get::<()>("shop").await.unwrap_err().code(), "not_found");
    // What belongs to another group is not asked for here.
    abide.state(Currency("EUR")).run("shut", shut()).await
}

#[tokio::test]
async fn in_memory_it_is_asked_for_when_it_is_needed() -> Result<()> {
    let abide = Abide::memory().await?;
    abide.run("shut", shut()).await?;
    let error = abide.run("shop", shopping()).await.unwrap_err();
    assert_eq!(error.code(), "no_state");
    assert!(error.message().contains("state::Pool"), "{error}");
    Ok(())
}

#[tokio::test]
async fn who_only_calls_needs_none_and_gets_no_work() -> Result<()> {
    let (url, _server) = support::server().await;
    // Both are of the group `default`, but only one of them has what its functions need.
    let caller = Abide::connect(&url).await?;
    let worker = Abide::connect(&url).await?.state(Pool::default()).state(Currency("EUR"));
    let tills = Abide::connect(&url).await?.group("tills").state(Drawer(7));
    let tills = tills.state(Pool::default()).state(Currency("EUR"));
    tokio::spawn(async move { worker.serve().await });
    tokio::spawn(async move { tills.serve().await });
    let error = caller.run("here", shopping()).await.unwrap_err();
    assert_eq!(error.code(), "no_state");
    for n in 0..10 {
        let sold = caller.run(&format!("there/{n}"), shopping().on("default")).await?;
        assert_eq!(sold, [format!("{} a EUR", n + 1)]);
    }
    assert_eq!(caller.run("till", till()).await?, 7);
    Ok(())
}
