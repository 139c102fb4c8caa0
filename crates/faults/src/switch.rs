//! The switch: which bug this thread has.

use std::cell::Cell;

use crate::Fault;

thread_local! {
    static ACTIVE: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Whether this thread has this bug.
#[inline]
pub fn is_on(fault: Fault) -> bool {
    ACTIVE.get() == Some(fault)
}

/// The bug that this thread has, to be handed on to a thread that it starts.
pub fn active() -> Option<Fault> {
    ACTIVE.get()
}

/// Does something on this thread with this bug, or with none.
pub fn with<T>(fault: Option<Fault>, action: impl FnOnce() -> T) -> T {
    /// Puts back what was before, also when the action panics.
    struct Before(Option<Fault>);

    impl Drop for Before {
        fn drop(&mut self) {
            ACTIVE.set(self.0);
        }
    }

    let _before = Before(ACTIVE.replace(fault));
    action()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault;

    #[test]
    fn a_bug_is_for_one_thread_and_one_action() {
        with(Some(Fault::MissingFence), || {
            assert!(fault!(MissingFence) && !fault!(Control));
            assert_eq!(std::thread::spawn(active).join().unwrap(), None);
            with(None, || assert!(!fault!(MissingFence)));
            assert!(fault!(MissingFence));
        });
        let panicked = std::panic::catch_unwind(|| with(Some(Fault::Control), || panic!("caught")));
        assert!(panicked.is_err() && active().is_none());
    }
}
