//! Giving way to the runtime, all the way.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// How often one gives way. What yields to tokio is woken from a list, the last one first, so the
/// driver is woken before the function that yielded; on a runtime with several threads it may even
/// be polled before that. The second time, the function has been woken.
const TIMES: usize = 2;

/// Returns when what yielded to the runtime before this has been woken. A plain `yield_now` would
/// return as soon as anything at all wakes the driver, such as an answer that arrives.
pub(super) async fn give_way() {
    for _ in 0..TIMES {
        let signal = Arc::new(Signal::default());
        let waker = Waker::from(signal.clone());
        defer(&waker);
        poll_fn(|cx| signal.poll(cx)).await;
    }
}

/// Has it woken with what yields to the runtime.
fn defer(waker: &Waker) {
    #[cfg(feature = "sim")]
    if crate::sim::give_way(waker) {
        return;
    }
    let yielding = pin!(tokio::task::yield_now());
    let _ = yielding.poll(&mut Context::from_waker(waker));
}

#[derive(Default)]
struct Signal {
    given: AtomicBool,
    driver: Mutex<Option<Waker>>,
}

impl Signal {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        if self.given.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        *driver = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        self.given.store(true, Ordering::Release);
        let driver = driver.take();
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}
