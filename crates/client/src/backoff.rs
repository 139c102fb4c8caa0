use std::time::Duration;

/// Growing pauses between attempts, with jitter, so that a thousand workers that lost the same
/// server do not come back in the same millisecond.
///
/// ```
/// use std::time::Duration;
/// let mut backoff = abide_client::Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
/// assert!(backoff.pause() <= Duration::from_millis(100));
/// assert!(backoff.pause() <= Duration::from_millis(200));
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    /// Pauses of at most `first`, doubling up to `most`.
    pub fn new(first: Duration, most: Duration) -> Self {
        Backoff { first, most, next: first }
    }

    /// The next pause: between half of the current bound and the whole of it.
    pub fn pause(&mut self) -> Duration {
        let bound = self.next;
        self.next = bound.saturating_mul(2).min(self.most);
        bound.mul_f64(0.5 + 0.5 * fastrand::f64())
    }

    /// Starts over, after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_bound_and_start_over() {
        let (first, most) = (Duration::from_millis(100), Duration::from_millis(500));
        let mut backoff = Backoff::new(first, most);
        for bound in [100, 200, 400, 500, 500] {
            let pause = backoff.pause();
            assert!(pause >= Duration::from_millis(bound / 2), "{pause:?} of {bound}");
            assert!(pause <= Duration::from_millis(bound), "{pause:?} of {bound}");
        }
        backoff.reset();
        assert!(backoff.pause() <= first);
    }
}
