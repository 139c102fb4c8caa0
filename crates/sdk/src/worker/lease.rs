//! How long a task is surely ours.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock,
    time::{self, Instant},
};
use abide_protocol::Millis;

/// A point in time, by two clocks. The steady one does not tick while the machine sleeps; the
/// other one does, and may be set. Whichever went further is believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    steady: Instant,
    wall: Millis,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        Self { steady: time::instant(), wall: clock::now() }
    }

    /// How long ago it was, at most.
    pub(super) fn age(self) -> Duration {
        let wall = u64::try_from(clock::now().saturating_sub(self.wall)).unwrap_or(0);
        time::since(self.steady).max(Duration::from_millis(wall))
    }
}

/// The lease of one task. It is counted from the sending of the request that renewed it: the
/// engine counts from when it got that, which is later.
#[derive(Debug)]
pub(crate) struct Lease {
    span: Duration,
    renewed: Mutex<Moment>,
}

impl Lease {
    /// A lease of that length, asked for at that moment.
    pub(crate) fn new(span: Duration, renewed: Moment) -> Self {
        Self { span, renewed: Mutex::new(renewed) }
    }

    /// Whether it cannot have run out yet.
    pub(crate) fn is_sure(&self) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        renewed.age() < self.span
    }

    /// It was renewed by a request that was sent at that moment.
    pub(crate) fn renew(&self, sent: Moment) {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.steady > renewed.steady {
            *renewed = sent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lease_counts_from_its_last_renewal() {
        let span = Duration::from_secs(3_600);
        let long_ago = Moment { wall: clock::now() - 3_600_000, ..Moment::now() };
        let lease = Lease::new(span, long_ago);
        assert!(!lease.is_sure(), "the machine slept for an hour");
        lease.renew(Moment::now());
        assert!(lease.is_sure());
        lease.renew(long_ago);
        assert!(lease.is_sure(), "an answer that comes late takes nothing back");
        let set_back = Moment { wall: clock::now() + 3_600_000, ..Moment::now() };
        assert!(Lease::new(span, set_back).is_sure(), "the clock was set back");
        assert!(!Lease::new(Duration::ZERO, set_back).is_sure());
    }
}
