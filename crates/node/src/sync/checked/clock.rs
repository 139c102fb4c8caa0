//! A clock that a test moves.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    task::{Poll, Waker},
    time::Duration,
};

use abide_protocol::Millis;

// One thread of the system runs all threads of the checker.
thread_local! {
    static NOW: Cell<Millis> = const { Cell::new(0) };
    static SLEEPERS: RefCell<Vec<(Millis, Waker)>> = const { RefCell::new(Vec::new()) };
}

/// Begins anew, at this time (Unix milliseconds).
pub fn set_now(now: Millis) {
    NOW.set(now);
    // What is left of an earlier run is gone with its threads.
    SLEEPERS.take().into_iter().for_each(std::mem::forget);
}

/// Lets time pass.
pub fn pass(span: Millis) {
    NOW.set(NOW.get() + span);
    let all = SLEEPERS.take();
    let (awake, asleep): (Vec<_>, Vec<_>) = all.into_iter().partition(|(until, _)| *until <= now());
    SLEEPERS.with_borrow_mut(|sleepers| sleepers.extend(asleep));
    awake.into_iter().for_each(|(_, waker)| waker.wake());
}

pub(crate) fn now() -> Millis {
    NOW.get()
}

/// Waits for a future, but not longer than so long.
pub(super) async fn timeout<T>(span: Duration, future: impl Future<Output = T>) -> Option<T> {
    let until = now().saturating_add(Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX));
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if now() >= until => Poll::Ready(None),
        Poll::Pending => {
            let sleeper = (until, context.waker().clone());
            SLEEPERS.with_borrow_mut(|sleepers| sleepers.push(sleeper));
            Poll::Pending
        }
    })
    .await
}

/// How much of the present millisecond has passed.
pub(crate) fn begun() -> Duration {
    Duration::ZERO
}

/// The same: nobody sets this clock back.
pub(crate) fn steady() -> Millis {
    now()
}
