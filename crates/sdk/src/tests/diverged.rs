//! When the code no longer agrees with the records.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::link::{Process, engine};
use crate::{ErrorKind, prelude::*};

/// Which version of the program runs.
static EDITED: AtomicBool = AtomicBool::new(false);
static CHARGED: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn charge(cents: u64) -> Result<u64> {
    CHARGED.fetch_add(1, Ordering::Relaxed);
    Ok(cents)
}

#[durable]
async fn order() -> Result<u64> {
    let cents = if EDITED.load(Ordering::Relaxed) { 999 } else { 100 };
    let charged = charge(cents).await?;
    promise::<()>().named("shipped").await?;
    Ok(charged)
}

#[tokio::test]
async fn a_divergence_is_loud_overwrites_nothing_and_is_continued_after_a_fix() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, 4, true).await;
    // It is suspended on the promise when the process ends.
    abide.start("order", order()).await.unwrap();
    while abide.get::<()>("order:2").resolve(&()).await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(abide);

    EDITED.store(true, Ordering::Relaxed);
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let error = abide.run("order", order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Diverged, "{error}");
    // Both sides, with their places in the source and what differs.
    let sides = error.message().split_once("requested").expect("two sides");
    for side in [sides.0, sides.1] {
        assert!(side.contains("call charge at "), "{error}");
        assert!(side.contains("tests/diverged.rs:"), "{error}");
    }
    let fingerprint =
        |side: &str| side.rsplit_once("fingerprint ").map(|(_, f)| f[..16].to_owned());
    assert_ne!(fingerprint(sides.0).unwrap(), fingerprint(sides.1).unwrap(), "{error}");
    assert_eq!(abide.run("order", order()).await.unwrap_err().code(), "halted");
    assert_eq!(CHARGED.load(Ordering::Relaxed), 1, "nothing ran");

    EDITED.store(false, Ordering::Relaxed);
    abide.get::<u64>("order").resume().await.unwrap();
    assert_eq!(abide.run("order", order()).await.unwrap(), 100);
    assert_eq!(CHARGED.load(Ordering::Relaxed), 1);
}
