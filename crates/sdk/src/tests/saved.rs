//! Save points: what came before one is neither replayed nor kept.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::link::{Process, engine};
use crate::{ErrorKind, prelude::*};

static STEPS: AtomicU32 = AtomicU32::new(0);

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

#[tokio::test]
async fn a_loop_goes_on_at_its_last_save_point() {
    let node = engine().await;
    // A call and a save point in each iteration; the first write creates the execution.
    let Process { abide, link } = Process::start(&node, 1 + 3 * 100, true).await;
    tokio::select! {
        _ = abide.run("sum", sum(150)) => panic!("it was to die"),
        () = link.dead.notified() => {}
    }
    drop(abide);
    let before = STEPS.swap(0, Ordering::Relaxed);
    assert!(before >= 100, "{before}");
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    assert_eq!(abide.run("sum", sum(150)).await.unwrap(), 150 * 151 / 2);
    let after = STEPS.load(Ordering::Relaxed);
    assert!(before + after <= 151, "{after} iterations after the crash, {before} before it");
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
    let _ = add(1, 2).spawn();
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
