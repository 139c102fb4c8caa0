//! Retry policies.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How a failed attempt at a function is followed by another one.
///
/// A function that makes no durable calls is retried by default: after one second, then twice as
/// long each time, at most 30 seconds, until its deadline. One that does make durable calls is
/// retried only if it is given a policy: its next attempt begins from the top, or from its last
/// save point, and makes its calls anew.
///
/// A policy is a constant, so it can be written at the function or at a call:
///
/// ```
/// use std::time::Duration;
///
/// use abide::{ErrorKind, prelude::*};
///
/// #[durable(retry = Retry::exponential(Duration::from_millis(100), Duration::from_secs(60))
///     .attempts(10)
///     .jitter()
///     .when(|error| error.kind() == ErrorKind::Application))]
/// async fn capture(cents: u64) -> Result<String> {
///     match cents {
///         0 => Err(Error::permanent("there is nothing to charge")),   // never retried
///         _ => Ok("charged".to_owned()),
///     }
/// }
///
/// #[durable]
/// async fn checkout() -> Result<String> {
///     capture(5).retry(Retry::never()).await
/// }
/// ```
///
/// ```
/// # use std::time::Duration;
/// # use abide::Retry;
/// const PATIENT: Retry = Retry::exponential(Duration::from_secs(1), Duration::from_secs(600));
/// const STEADY: Retry = Retry::fixed(Duration::from_secs(5)).attempts(12);
/// const ONCE: Retry = Retry::never();
/// ```
///
/// What waits for its next attempt holds no process, and the number of the attempt survives
/// crashes; [`attempt`](crate::attempt()) tells it. The number and the time of the next attempt are
/// logged, and recorded: each failed attempt leaves a timer behind.
#[derive(Clone, Copy)]
pub struct Retry {
    policy: Policy,
    when: Option<fn(&Error) -> bool>,
}

/// The part of a policy that is data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Policy {
    first: Duration,
    factor: u32,
    most: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    jitter: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Retry {
    /// The default, as a constant.
    pub const DEFAULT: Self = Self::exponential(Duration::from_secs(1), Duration::from_secs(30));

    /// The pause doubles after each failure, from `first` to `most`.
    pub const fn exponential(first: Duration, most: Duration) -> Self {
        let policy = Policy { first, factor: 2, most, attempts: None, jitter: false };
        Self { policy, when: None }
    }

    /// The pause is always the same.
    pub const fn fixed(pause: Duration) -> Self {
        let policy = Policy { first: pause, factor: 1, most: pause, attempts: None, jitter: false };
        Self { policy, when: None }
    }

    /// The first failure stands.
    pub const fn never() -> Self {
        Self::fixed(Duration::ZERO).attempts(1)
    }

    /// At most this many attempts, the first included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = Some(attempts);
        self
    }

    /// Each pause is drawn anew between half of it and all of it, so that what failed together is
    /// not tried again together.
    #[must_use]
    pub const fn jitter(mut self) -> Self {
        self.policy.jitter = true;
        self
    }

    /// Only errors of which this holds are followed by another attempt. An error of one's own type
    /// is seen as an application error, whose [`data`](Error::data) is the typed one.
    ///
    /// What is called by another process, or is the root of an execution, has to have its predicate
    /// at the function: a call cannot send one along.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use abide::prelude::*;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # enum Refusal { Busy, Declined, Abide(Error) }
    /// # impl From<Error> for Refusal { fn from(error: Error) -> Self { Self::Abide(error) } }
    /// #[durable(retry = Retry::DEFAULT.when(is_busy))]
    /// async fn transfer(cents: u64) -> Result<(), Refusal> {
    ///     if cents > 100 { Err(Refusal::Declined) } else { Ok(()) }
    /// }
    ///
    /// fn is_busy(error: &Error) -> bool {
    ///     matches!(error.data(), Some(Refusal::Busy))
    /// }
    /// ```
    #[must_use]
    pub const fn when(mut self, holds: fn(&Error) -> bool) -> Self {
        self.when = Some(holds);
        self
    }

    /// Whether it holds more than data.
    pub(crate) fn has_predicate(&self) -> bool {
        self.when.is_some()
    }

    /// The pause after this many failures, the last with this error; `None` when there is no
    /// further attempt.
    pub(crate) fn pause(&self, failures: u32, error: &Error) -> Option<Duration> {
        let policy = &self.policy;
        let out = policy.attempts.is_some_and(|most| failures >= most);
        if out || error.is_permanent() || self.when.is_some_and(|holds| !holds(error)) {
            return None;
        }
        let factor = policy.factor.saturating_pow(failures.saturating_sub(1));
        let pause = policy.first.saturating_mul(factor).min(policy.most);
        Some(if policy.jitter { pause.mul_f64(fastrand::f64().mul_add(0.5, 0.5)) } else { pause })
    }

    /// The policy as a call sends it along.
    pub(crate) fn encode(&self) -> String {
        serde_json::to_string(&self.policy).expect("it is made of JSON")
    }

    /// The policy that a call sent along.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        Some(Self { policy: serde_json::from_str(text).ok()?, when: None })
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retry({}{})", self.encode(), if self.has_predicate() { ", when" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Error {
        Error::application("no")
    }

    #[test]
    fn the_default_doubles_from_one_second_to_thirty() {
        let pause = |n| Retry::default().pause(n, &failed()).unwrap();
        let pauses: Vec<_> = (1..9).map(|n| pause(n).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(pause(u32::MAX), Duration::from_secs(30));
    }

    #[test]
    fn attempts_count_the_first_one() {
        assert_eq!(Retry::never().pause(1, &failed()), None);
        let twice = Retry::fixed(Duration::from_secs(3)).attempts(2);
        assert_eq!(twice.pause(1, &failed()), Some(Duration::from_secs(3)));
        assert_eq!(twice.pause(2, &failed()), None);
    }

    #[test]
    fn jitter_shortens_by_half_at_most() {
        let policy = Retry::fixed(Duration::from_secs(10)).jitter();
        let pauses: Vec<_> = (1..100).map(|n| policy.pause(n, &failed()).unwrap()).collect();
        assert!(pauses.iter().all(|pause| (5.0..=10.0).contains(&pause.as_secs_f64())));
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }

    #[test]
    fn some_errors_are_not_tried_again() {
        const POLICY: Retry = Retry::fixed(Duration::ZERO).when(|error| error.message() == "busy");
        assert_eq!(POLICY.pause(1, &failed()), None);
        assert_eq!(POLICY.pause(9, &Error::application("busy")), Some(Duration::ZERO));
        assert_eq!(POLICY.pause(1, &Error::permanent("busy")), None);
        assert_eq!(Retry::default().pause(1, &Error::permanent("no")), None);
    }

    #[test]
    fn a_policy_travels_without_its_predicate() {
        let policy = Retry::exponential(Duration::from_millis(5), Duration::from_secs(9));
        let policy = policy.attempts(7).jitter().when(|_| false);
        let sent = Retry::decode(&policy.encode()).unwrap();
        assert_eq!(sent.policy, policy.policy);
        assert!(!sent.has_predicate());
        assert!(Retry::decode("soon").is_none());
    }
}
