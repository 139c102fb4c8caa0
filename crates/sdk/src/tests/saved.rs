//! Save points: what came before one is neither replayed nor kept.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use abide_client::Link;
use abide_protocol::{Body, PromiseSearch, Request, Tags, tag};

use super::link::{Mortal, Process, engine};
use crate::{ErrorKind, prelude::*};

static STEPS: AtomicU64 = AtomicU64::new(0);

#[durable]
async fn add(sum: u64, n: u64) -> Result<u64> {
    Ok(sum + n)
}

#[durable]
async fn sum(to: u64) -> Result<u64> {
    let mut state = saved((0, 0)).await?;
    while state.0 < to {
        STEPS.fetch_add(1, Ordering::Relaxed);
        let (n, sum) = *state;
        *state = (n + 1, add(sum, n + 1).await?);
        state.save().await?;
    }
    Ok(state.1)
}

#[durable]
async fn sum_without_save_points(to: u64) -> Result<u64> {
    let mut sum = 0;
    for n in 1..=to {
        STEPS.fetch_add(1, Ordering::Relaxed);
        sum = add(sum, n).await?;
    }
    Ok(sum)
}

/// Iterations of the long loops: 2,000, or what `ABIDE_LOOP` says.
fn long() -> u64 {
    std::env::var("ABIDE_LOOP").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

/// Runs a loop in a process that dies in the middle and in one that does not; gives the iterations
/// that each has made, and the promises that were stored in between.
async fn interrupted(id: &str, call: fn(u64) -> Call<u64>) -> (u64, u64, usize) {
    let node = engine().await;
    let n = long();
    // Each iteration makes a call: two writes.
    let Process { abide, link } = Process::start(&node, n as i64, true).await;
    tokio::select! {
        result = abide.run(id, call(n)) => panic!("it was to die: {result:?}"),
        () = link.dead.notified() => {}
    }
    drop(abide);
    let before = STEPS.swap(0, Ordering::Relaxed);
    let stored = promises(&link, id).await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    assert_eq!(abide.run(id, call(n)).await.unwrap(), n * (n + 1) / 2);
    (before, STEPS.swap(0, Ordering::Relaxed), stored)
}

/// How many promises an execution has.
async fn promises(link: &Mortal, id: &str) -> usize {
    let tags = Tags::from_iter([(tag::ORIGIN, id)]);
    let (mut count, mut cursor) = (0, None);
    loop {
        let search = PromiseSearch { state: None, tags: tags.clone(), limit: Some(1_000), cursor };
        let response = link.call(Request::PromiseSearch(search)).await.unwrap();
        let Body::Promises { promises, cursor: next } = response.body else {
            panic!("{response:?}")
        };
        count += promises.len();
        match next {
            Some(next) => cursor = Some(next),
            None => return count,
        }
    }
}

#[tokio::test]
async fn a_long_loop_goes_on_at_its_last_save_point_and_does_not_grow() {
    let n = long();
    let (before, after, stored) = interrupted("long", sum).await;
    assert!(before >= n / 4, "{before}");
    // Nothing is replayed but what the process died in.
    assert!(before + after <= n + 1, "{after} iterations after the crash, {before} before it");
    assert!(stored < 300, "{stored} promises are kept after {before} iterations");

    let (before, after, stored) = interrupted("longer", sum_without_save_points).await;
    assert!(before >= n / 4, "{before}");
    assert_eq!(after, n, "it is replayed from the top");
    assert!(stored as u64 >= before, "{stored} promises");
}

/// Which version of the program runs.
static EDITED: AtomicBool = AtomicBool::new(false);

#[durable]
async fn counts() -> Result<u32> {
    if EDITED.load(Ordering::Relaxed) {
        let state = saved(String::new()).await?;
        promise::<()>().await?;
        return Ok(state.len() as u32);
    }
    let mut state = saved(0_u32).await?;
    while *state < 3 {
        *state += 1;
        state.save().await?;
    }
    promise::<()>().await?;
    Ok(*state)
}

#[tokio::test]
async fn a_state_that_cannot_be_read_halts_and_is_not_overwritten() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    abide.start("counts", counts()).await.unwrap();
    while abide.get::<()>("counts:4").resolve(&()).await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(abide);

    EDITED.store(true, Ordering::Relaxed);
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let error = abide.run("counts", counts()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Payload, "saved_state"), "{error}");
    EDITED.store(false, Ordering::Relaxed);
    abide.get::<u32>("counts").resume().await.unwrap();
    assert_eq!(abide.run("counts", counts()).await.unwrap(), 3);
}

#[durable]
async fn saves_among_others() -> Result<()> {
    let state = saved(()).await?;
    let (sum, ()) = try_join!(add(1, 2), state.save())?;
    assert_eq!(sum, 3);
    Ok(())
}

#[durable]
async fn saves_beside_a_spawned_call() -> Result<()> {
    let state = saved(()).await?;
    drop(add(1, 2).spawn());
    state.save().await
}

#[durable]
async fn restores_late() -> Result<u64> {
    let sum = add(1, 2).await?;
    Ok(*saved(0).await? + sum)
}

#[durable]
async fn restores_twice() -> Result<u64> {
    Ok(*saved(0).await? + *saved(1).await?)
}

#[tokio::test]
async fn save_points_in_the_wrong_place_are_errors_at_the_first_run() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    for (id, call) in [("a", saves_among_others()), ("b", saves_beside_a_spawned_call())] {
        let error = abide.run(id, call).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "save_among_others"));
        assert!(error.message().contains("open"), "{error}");
    }
    for (id, call) in [("c", restores_late()), ("d", restores_twice())] {
        let error = abide.run(id, call).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, "late_restore"), "{error}");
    }
    assert_eq!(saved(0).await.unwrap_err().code(), "outside");
}
