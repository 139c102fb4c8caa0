//! Counting what is alive, and waiting for what will be so.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// How many of something there are: each test has a census of its own, since tests run side by side.
pub(super) struct Census(AtomicUsize);

/// One that is counted for as long as it lives.
pub(super) struct Alive(&'static Census);

impl Census {
    pub(super) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(super) fn one(&'static self) -> Alive {
        self.0.fetch_add(1, Ordering::Relaxed);
        Alive(self)
    }

    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until something holds.
pub(super) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("in vain for: {what}");
}
