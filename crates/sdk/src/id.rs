//! The id of the running function.

use crate::{core::ambient, plain};

/// The id of the promise that the function being executed will settle: the same in every run.
/// `None` outside an execution. The outside world is better given an [`idempotency_key`], which also
/// tells the arguments apart.
///
/// ```
/// use abide::{id, prelude::*};
///
/// #[durable]
/// async fn who() -> Result<Option<String>> {
///     Ok(id())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// assert_eq!(abide.run("who/1", who()).await?.as_deref(), Some("who/1"));
/// assert_eq!(id(), None);
/// # Ok(()) }
/// ```
pub fn id() -> Option<String> {
    match ambient::current() {
        Some(scope) => Some(scope.id.to_string()),
        None => plain::current().map(|frame| frame.id.to_string()),
    }
}

/// Which attempt at the running function this is, from 1. The number survives crashes: an attempt
/// that a crash cut short is made again under the same number. `None` outside an execution.
///
/// ```
/// use abide::{attempt, prelude::*};
///
/// #[durable(retry = Retry::fixed(std::time::Duration::ZERO).attempts(3))]
/// async fn third_time_lucky() -> Result<u32> {
///     match attempt() {
///         Some(3) => Ok(42),
///         _ => Err(Error::application("no luck")),
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<()> {
/// let abide = Abide::memory().await?;
/// assert_eq!(abide.run("lucky", third_time_lucky()).await?, 42);
/// # Ok(()) }
/// ```
pub fn attempt() -> Option<u32> {
    match ambient::current() {
        Some(scope) => Some(scope.attempt),
        None => plain::current().map(|_| 1),
    }
}

/// The key to hand to the outside world, so that it does what the running function asks for only
/// once: the function's [id](id()) and a fingerprint of its arguments. It is the same in every
/// attempt, after every crash, in every process, and differs from that of every other call.
///
/// ```
/// use abide::{idempotency_key, prelude::*};
///
/// #[durable]
/// async fn pay(card: String, cents: u64) -> Result<String> {
///     let key = idempotency_key().expect("we are in an execution");
///     // let response = payments.post("/charges").header("Idempotency-Key", &key)...
///     Ok(key)
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<()> {
/// let abide = Abide::memory().await?;
/// let key = abide.run("payment/7", pay("4242".into(), 999)).await?;
/// assert!(key.starts_with("payment/7-"));
/// # Ok(()) }
/// ```
///
/// `None` outside an execution.
pub fn idempotency_key() -> Option<String> {
    let key = |id: &str, fingerprint: u64| format!("{id}-{fingerprint:016x}");
    match ambient::current() {
        Some(scope) => Some(key(&scope.id, scope.fingerprint)),
        None => plain::current().map(|frame| key(&frame.id, frame.fingerprint)),
    }
}
