//! The steady time of a simulated process, or tokio's where there is no simulation.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use abide_protocol::Millis;
pub(crate) use tokio::time::Instant;

use super::executor::Executor;
use crate::clock;

/// What simulated time is counted from. Only differences are ever looked at.
fn beginning() -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(|| std::time::Instant::now().into())
}

fn duration(millis: Millis) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Now.
pub(crate) fn instant() -> Instant {
    match Executor::current() {
        Some(executor) => beginning() + duration(executor.clock().steady),
        None => Instant::now(),
    }
}

/// The wall clock, if this is a simulation.
pub(crate) fn wall() -> Option<SystemTime> {
    Executor::current().map(|executor| UNIX_EPOCH + duration(executor.clock().wall))
}

/// Waits for so long.
pub(crate) fn sleep(span: Duration) -> impl Future<Output = ()> + Send + 'static {
    let (simulated, real) = match Executor::current() {
        Some(executor) => {
            let at = executor.clock().steady.saturating_add(clock::span(span));
            (Some(Alarm { executor, at, number: None }), None)
        }
        None => (None, Some(tokio::time::sleep(span))),
    };
    async move {
        match (simulated, real) {
            (Some(alarm), _) => alarm.await,
            (None, Some(sleep)) => sleep.await,
            (None, None) => {}
        }
    }
}

/// Waits until then.
pub(crate) fn sleep_until(at: Instant) -> impl Future<Output = ()> + Send + 'static {
    sleep(at.saturating_duration_since(instant()))
}

/// It took too long.
#[derive(Debug)]
pub(crate) struct Elapsed;

/// Waits for something, for so long at most.
pub(crate) async fn timeout<F: Future>(span: Duration, future: F) -> Result<F::Output, Elapsed> {
    tokio::select! {
        biased;
        output = future => Ok(output),
        () = sleep(span) => Err(Elapsed),
    }
}

/// Rings once.
struct Alarm {
    executor: Arc<Executor>,
    at: Millis,
    number: Option<u64>,
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.number = self.executor.alarm(self.at, self.number, cx.waker());
        if self.number.is_some() { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.executor.disarm(self.at, number);
        }
    }
}
