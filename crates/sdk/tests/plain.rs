//! Durable functions as plain async functions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide::{ErrorKind, attempt, idempotency_key, prelude::*};

#[durable]
async fn double(n: u32) -> Result<u32> {
    Ok(n * 2)
}

#[durable]
async fn whole(#[state] seen: Seen, n: u32) -> Result<u32> {
    let spawned = noted(n).spawn();
    noted(100).spawn();
    let (a, b) = try_join!(double(n), double(n + 1).on("elsewhere"))?;
    sleep(Duration::from_secs(3_600)).await?;
    let c = step("three", || async { Ok(3) }).await?;
    let d = spawned.await?;
    assert!(now().await? > std::time::UNIX_EPOCH);
    assert!(seen.0.load(Ordering::Relaxed) > 0);
    Ok(a + b + c + d)
}

#[durable]
async fn looping(turns: u32) -> Result<(u32, String)> {
    let mut turn = saved(0).await?;
    while *turn < turns {
        *turn = double(*turn).await? + 1;
        turn.save().await?;
    }
    assert_eq!(attempt(), Some(1));
    Ok((*turn, idempotency_key().unwrap()))
}

#[tokio::test]
async fn save_points_and_keys_work_plainly() -> Result<()> {
    let (turn, key) = looping(10).plain().await?;
    assert_eq!(turn, 15);
    let other = looping(11).plain().await?;
    assert!(key.starts_with("plain-") && key != other.1, "{key}");
    assert_eq!((attempt(), idempotency_key()), (None, None));
    Ok(())
}

#[derive(Clone, Default)]
struct Seen(Arc<AtomicU32>);

#[durable]
async fn noted(#[state] seen: Seen, n: u32) -> Result<u32> {
    seen.0.fetch_add(n, Ordering::Relaxed);
    Ok(n)
}

#[tokio::test(start_paused = true)]
async fn a_program_runs_as_it_is_written() -> Result<()> {
    let seen = Seen::default();
    assert_eq!(whole(5).plain().state(seen.clone()).await?, 10 + 12 + 3 + 5);
    // Nobody awaited the other one, but the function did not end before it.
    assert_eq!(seen.0.load(Ordering::Relaxed), 105);
    Ok(())
}

#[durable]
async fn failing() -> Result<u32> {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    Err(Error::application(format!("attempt {}", ATTEMPTS.fetch_add(1, Ordering::Relaxed) + 1)))
}

#[durable]
async fn forever() -> Result<u32> {
    std::future::pending().await
}

#[durable]
async fn with_failures() -> Result<Vec<String>> {
    let failed = failing().await.unwrap_err();
    let late = forever().timeout(Duration::from_secs(9)).await.unwrap_err();
    Ok(vec![failed.message().to_owned(), format!("{:?}", late.kind())])
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_twice_and_deadlines_hold() -> Result<()> {
    assert_eq!(with_failures().plain().await?, ["attempt 1", "Timeout"]);
    Ok(())
}

#[durable]
async fn approved() -> Result<bool> {
    let approval = promise::<bool>();
    assert_eq!(told(approval.id()).await?, "plain:1");
    approval.await
}

#[durable]
async fn told(id: String) -> Result<String> {
    Ok(id)
}

#[durable]
async fn by_name() -> Result<u32> {
    rpc::<u32>("double", (2,)).on("elsewhere").await
}

#[durable]
async fn plain_within() -> Result<u32> {
    double(2).plain().await
}

#[tokio::test]
async fn what_needs_an_engine_says_so() -> Result<()> {
    for call in [by_name().plain().await.map(drop), approved().plain().await.map(drop)] {
        let error = call.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "needs_engine"), "{error}");
    }
    let error = noted(1).plain().await.unwrap_err();
    assert_eq!(error.code(), "no_state");
    let abide = Abide::memory().await?;
    let error = abide.run("within", plain_within()).await.unwrap_err();
    assert_eq!(error.code(), "plain_inside");
    Ok(())
}
