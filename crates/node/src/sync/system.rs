//! Those of the system and of tokio.

use std::{
    pin::pin,
    sync::{Arc, OnceLock, PoisonError},
    task::{Context, Poll, Wake},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
pub(crate) use std::{
    sync::{Condvar, Mutex, MutexGuard},
    thread,
    time::Instant,
};

use abide_protocol::Millis;
pub(crate) use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::{Id as TaskId, try_id as task, yield_now},
};

/// The time, in Unix milliseconds.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// How much of the present millisecond has passed.
pub(crate) fn begun() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000))
}

/// Milliseconds since the process first asked, by a clock that nobody sets.
pub(crate) fn steady() -> Millis {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let since = FIRST.get_or_init(Instant::now).elapsed();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// Waits for a future on this thread, but not longer than so long.
pub(crate) fn wait_for<T>(span: Duration, future: impl Future<Output = T>) -> Option<T> {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let began = Instant::now();
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        let left = span.saturating_sub(began.elapsed());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

/// Waits for so long, or until the condition no longer holds.
pub(crate) fn wait_while<T>(
    mutex: &Mutex<T>,
    condvar: &Condvar,
    pause: Duration,
    condition: impl FnMut(&mut T) -> bool,
) {
    let guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = condvar.wait_timeout_while(guard, pause, condition);
    drop(waited.unwrap_or_else(PoisonError::into_inner));
}

/// Whether a bug is planted here, to see whether the checker finds it: never.
macro_rules! planted {
    ($bug:ident) => {
        false
    };
}
pub(crate) use planted;
