//! What a worker remembers, and that it forgets it.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::{
    census::{Census, eventually},
    link::{Process, engine},
};
use crate::{ErrorKind, prelude::*};

static ALIVE: Census = Census::new();

/// All the ways to wait and to end.
#[durable]
async fn varied(n: u32) -> Result<u32> {
    let _alive = ALIVE.one();
    match n % 6 {
        0 => return pebble(n).await,
        1 => sleep(Duration::from_millis(2)).await?,
        2 => drop(join!(pebble(n).spawn(), pebble(n + 1).on("memory"))),
        3 => drop(select! { n = pebble(n).on("memory") => n, n = dawdle() => n }),
        4 => return Err(Error::application("it fails").into_permanent()),
        _ => drop(varied(n - 5).timeout(Duration::from_millis(1)).await),
    }
    Ok(n)
}

#[durable]
async fn pebble(n: u32) -> Result<u32> {
    Ok(n)
}

#[durable]
async fn dawdle() -> Result<u32> {
    tokio::time::sleep(Duration::from_millis(40)).await;
    Ok(0)
}

#[tokio::test]
async fn nothing_is_remembered_of_what_is_over() {
    let Process { abide, .. } = Process::start(&engine().await, i64::MAX, true).await;
    for warm in [1_000, 2, 0] {
        let abide = abide.clone().group("memory").warm(warm).concurrency(7);
        let runs = (0..60).map(|n| {
            let abide = abide.clone();
            async move { abide.run(&format!("varied-{warm}-{n}"), varied(n)).await }
        });
        let failed = join_all(runs).await.iter().filter(|result| result.is_err()).count();
        assert_eq!(failed, 10);
        // Somebody stops waiting.
        let orphan = abide.start(&format!("orphan-{warm}"), pebble(1).on("nobody")).await.unwrap();
        assert!(timeout(Duration::from_millis(5), orphan).await.is_err());
        // Somebody cancels.
        let canceled = abide.start(&format!("canceled-{warm}"), dawdle_for_ever()).await.unwrap();
        abide.get::<u32>(canceled.id()).cancel().await.unwrap();
        assert_eq!(canceled.await.unwrap_err().kind(), ErrorKind::Canceled);
        let worker = abide.worker();
        eventually("an empty worker", || worker.is_empty()).await;
        assert_eq!(ALIVE.count(), 0, "no future is left");
    }
}

#[durable]
async fn dawdle_for_ever() -> Result<u32> {
    let _alive = ALIVE.one();
    loop {
        sleep(Duration::from_millis(1)).await?;
    }
}
