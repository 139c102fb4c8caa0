//! Wakers: one per scope, all feeding one queue per execution.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

/// The name of a scope within its execution; never used twice.
pub(crate) type ScopeKey = u64;

/// The scopes that want to be polled, and whom to tell.
#[derive(Debug, Default)]
pub(crate) struct RunQueue {
    inner: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    scopes: VecDeque<ScopeKey>,
    driver: Option<Waker>,
    /// The calls that are not executed here and were awaited for the first time: each once, so
    /// that nobody has to look through all that are awaited to find what is new.
    awaited: Vec<(ScopeKey, u64)>,
}

impl RunQueue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a scope into the queue and wakes the driver.
    pub(crate) fn push(&self, scope: ScopeKey) {
        let driver = {
            let mut queue = self.lock();
            queue.scopes.push_back(scope);
            queue.driver.take()
        };
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// Takes the next scope.
    pub(crate) fn pop(&self) -> Option<ScopeKey> {
        self.lock().scopes.pop_front()
    }

    /// A call that is not executed here is awaited for the first time.
    pub(crate) fn awaits_elsewhere(&self, scope: ScopeKey, call: u64) {
        self.lock().awaited.push((scope, call));
    }

    /// Takes the calls of which that is so.
    pub(crate) fn take_awaited(&self) -> Vec<(ScopeKey, u64)> {
        std::mem::take(&mut self.lock().awaited)
    }

    /// Registers the driver to be woken by the next push; false if there is something already.
    pub(crate) fn register(&self, driver: &Waker) -> bool {
        let mut queue = self.lock();
        if !queue.scopes.is_empty() {
            return false;
        }
        queue.driver = Some(driver.clone());
        true
    }

    /// The driver no longer waits: a push need not wake it.
    pub(crate) fn unregister(&self) {
        self.lock().driver = None;
    }
}

/// The waker of one scope.
#[derive(Debug)]
pub(crate) struct ScopeWaker {
    scope: ScopeKey,
    woken: AtomicBool,
    queue: Arc<RunQueue>,
}

impl ScopeWaker {
    /// A waker that has not been woken.
    pub(crate) fn new(scope: ScopeKey, queue: Arc<RunQueue>) -> Arc<Self> {
        Arc::new(Self { scope, woken: AtomicBool::new(false), queue })
    }

    /// A call of its scope that is not executed here is awaited for the first time.
    pub(crate) fn awaits_elsewhere(&self, call: u64) {
        self.queue.awaits_elsewhere(self.scope, call);
    }

    /// Whether it was woken since it was last asked.
    pub(crate) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::AcqRel)
    }
}

impl Wake for ScopeWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.queue.push(self.scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wakes::Wakes;

    #[test]
    fn a_driver_is_woken_while_it_waits_and_sees_afterwards_what_came_else() {
        let (wakes, driver) = Wakes::new();
        let queue = Arc::new(RunQueue::default());
        let scope = ScopeWaker::new(7, queue.clone());

        assert!(queue.register(&driver));
        scope.wake_by_ref();
        scope.wake_by_ref();
        assert_eq!(wakes.count(), 1, "the second time there was nothing to tell");
        assert!(!queue.register(&driver), "there is something already");
        assert_eq!((queue.pop(), queue.pop(), scope.take()), (Some(7), None, true));

        assert!(queue.register(&driver));
        queue.unregister();
        scope.wake_by_ref();
        assert_eq!(wakes.count(), 1, "the driver is awake");
        assert!(!queue.register(&driver), "and finds it before it waits again");
    }
}
