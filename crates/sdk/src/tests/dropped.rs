//! What happens when the last handle on Abide goes in the middle of something.

use std::{sync::Mutex, time::Duration};

use super::census::{Census, eventually};
use crate::{ErrorKind, prelude::*};

static LAST: Mutex<Option<Abide>> = Mutex::new(None);
static ALIVE: Census = Census::new();

/// Its body drops the last handle, if there is one to drop, and goes on.
#[durable]
async fn drops_the_last_handle() -> Result<()> {
    let _alive = ALIVE.one();
    drop(LAST.lock().unwrap().take());
    stays().await
}

#[durable]
async fn stays() -> Result<()> {
    let _alive = ALIVE.one();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(())
}

async fn nothing_is_alive() {
    eventually("nothing that is alive", || ALIVE.count() == 0).await;
}

#[tokio::test]
async fn whoever_waits_is_told_that_abide_is_gone() {
    // From outside, while a body runs.
    let abide = Abide::memory().await.unwrap();
    let execution = abide.start("stays", stays()).await.unwrap();
    while ALIVE.count() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(abide);
    assert_eq!(execution.await.unwrap_err().kind(), ErrorKind::Unavailable);
    nothing_is_alive().await;

    // From within the body itself.
    let abide = Abide::memory().await.unwrap();
    *LAST.lock().unwrap() = Some(abide.clone());
    let execution = abide.start("drops", drops_the_last_handle()).await.unwrap();
    drop(abide);
    assert_eq!(execution.await.unwrap_err().kind(), ErrorKind::Unavailable);
    nothing_is_alive().await;

    // Closed, and used again all the same.
    let abide = Abide::memory().await.unwrap();
    let before = abide.get::<()>("stays");
    abide.clone().drain(Duration::ZERO).close().await;
    abide.close().await;
    for error in [
        abide.run("stays", stays()).await.unwrap_err(),
        before.await.unwrap_err(),
        abide.get::<()>("stays").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    abide.close().await;
}

#[test]
fn a_handle_may_outlive_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (abide, execution) = runtime.block_on(async {
        let abide = Abide::memory().await.unwrap();
        let execution = abide.start("outlived", stays()).await.unwrap();
        (abide, execution)
    });
    drop(runtime);
    drop(execution);
    drop(abide);
}
