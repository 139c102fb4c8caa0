//! Tasks of a process. All of them are spawned here, so that a [test](crate::test) can stop a
//! process, or freeze it, as a whole, and a simulation can run it.

use std::future::Future;

#[cfg(feature = "sim")]
pub(crate) use crate::sim::task::AbortHandle;
#[cfg(not(feature = "sim"))]
pub(crate) use tokio::task::AbortHandle;

/// Spawns a task that belongs to the same process as the one that calls this, and gives what stops
/// it.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    #[cfg(feature = "sim")]
    return crate::sim::task::spawn(future);
    #[cfg(not(feature = "sim"))]
    on_the_runtime(future)
}

/// Spawns it as a task of tokio's.
pub(crate) fn on_the_runtime(
    future: impl Future<Output = ()> + Send + 'static,
) -> tokio::task::AbortHandle {
    #[cfg(feature = "test")]
    let future = crate::test::process::of_current(future);
    tokio::spawn(future).abort_handle()
}
