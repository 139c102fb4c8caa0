//! Retry policies.

use std::time::Duration;

/// How a failed attempt of a leaf function is retried. The default waits one second, then twice as
/// long each time, at most 30 seconds, until the call's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    first: Duration,
    factor: u32,
    most: Duration,
    attempts: Option<u32>,
}

impl Default for Retry {
    fn default() -> Self {
        Self::exponential(Duration::from_secs(1), Duration::from_secs(30))
    }
}

impl Retry {
    /// The pause doubles after each failure, from `first` to `most`.
    pub const fn exponential(first: Duration, most: Duration) -> Self {
        Self { first, factor: 2, most, attempts: None }
    }

    /// The pause is always the same.
    pub const fn fixed(pause: Duration) -> Self {
        Self { first: pause, factor: 1, most: pause, attempts: None }
    }

    /// The first failure stands.
    pub const fn never() -> Self {
        Self::fixed(Duration::ZERO).attempts(1)
    }

    /// At most this many attempts, the first included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// The pause after this many failures; `None` when there is no further attempt.
    pub(crate) fn pause(&self, failures: u32) -> Option<Duration> {
        if self.attempts.is_some_and(|most| failures >= most) {
            return None;
        }
        let factor = self.factor.saturating_pow(failures.saturating_sub(1));
        Some(self.first.saturating_mul(factor).min(self.most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_doubles_from_one_second_to_thirty() {
        let pauses: Vec<_> = (1..9).map(|n| Retry::default().pause(n).unwrap().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(Retry::default().pause(u32::MAX), Some(Duration::from_secs(30)));
    }

    #[test]
    fn attempts_count_the_first_one() {
        assert_eq!(Retry::never().pause(1), None);
        let twice = Retry::fixed(Duration::from_secs(3)).attempts(2);
        assert_eq!((twice.pause(1), twice.pause(2)), (Some(Duration::from_secs(3)), None));
    }
}
