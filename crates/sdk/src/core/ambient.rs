//! The scope that is being polled right now.

use std::{cell::RefCell, sync::Arc};

use super::scope::Shared;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// The scope whose future is being polled on this thread, if one is.
pub(crate) fn current() -> Option<Arc<Shared>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes `scope` the current one while `f` runs, and restores what was there even if `f` panics.
pub(crate) fn within<T>(scope: &Arc<Shared>, f: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<Shared>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(Some(scope.clone())));
    f()
}
