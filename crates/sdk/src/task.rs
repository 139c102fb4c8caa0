//! Tasks of a process. All of them are spawned here, so that a [test](crate::test) can stop a
//! process, or freeze it, as a whole.

use std::future::Future;

use tokio::task::JoinHandle;

/// Spawns a task that belongs to the same process as the one that calls this.
#[cfg(not(feature = "test"))]
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(future)
}

/// Spawns a task that belongs to the same process as the one that calls this.
#[cfg(feature = "test")]
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(crate::test::process::of_current(future))
}
