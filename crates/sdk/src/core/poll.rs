//! Polling a scope's future.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll},
};

use super::{ambient, children::Scope, outcome::End};
use crate::error::Error;

/// What a poll came to.
pub(super) enum Polled {
    /// It awaits something.
    Pending,
    /// It is done.
    Ended(End),
    /// It panicked.
    Panicked(End),
}

impl Scope {
    /// Polls the future once, as a task of its own, and drops it when it is done.
    pub(super) fn poll(&mut self) -> Polled {
        let shared = self.shared.clone();
        let Some(future) = &mut self.future else { return Polled::Pending };
        shared.wake.take();
        let mut context = Context::from_waker(shared.waker());
        let poll = || ambient::within(&shared, || future.as_mut().poll(&mut context));
        let polled = catch_unwind(AssertUnwindSafe(poll));
        let polled = match polled {
            Ok(Poll::Pending) => return Polled::Pending,
            Ok(Poll::Ready(end)) => Polled::Ended(end),
            Err(panic) => {
                let outcome = Error::panicked(panic.as_ref()).into_outcome();
                Polled::Panicked(End { outcome, permanent: false })
            }
        };
        // A panic in a destructor must not take the process down either. What goes with the future
        // is dropped by the function itself, in this turn.
        let future = self.future.take();
        let dropping = || ambient::within(&shared, || drop(future));
        let _ = catch_unwind(AssertUnwindSafe(dropping));
        polled
    }
}
