//! What a program with durable functions needs: `use abide::prelude::*;`.

pub use crate::{Abide, Call, Error, ErrorKind, Promise, Result, Retry, Saved};
pub use crate::{durable, now, promise, random, rpc, saved, sleep, sleep_until, step, uuid};
/// tokio's `join!`, for one import.
pub use tokio::{join, try_join};

/// tokio's `select!` with `biased;`: one completion is delivered at a time, so there is nothing to
/// be fair about, and the order of the branches is the same in every run.
///
/// ```
/// # use std::time::Duration;
/// # use abide::prelude::*;
/// # async fn example() -> Result<bool> {
/// let approval = promise::<bool>();
/// select! {
///     approved = approval => approved,
///     _ = sleep(Duration::from_secs(3_600)) => Ok(false),
/// }
/// # }
/// ```
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => { $crate::__select! { biased; $($branches)* } };
}

pub use crate::select;
