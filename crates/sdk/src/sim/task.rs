//! Tasks of a simulated process, or of tokio's where there is no simulation.

use std::{
    future::Future,
    sync::{Arc, Weak},
};

use super::executor::Executor;

/// What stops a task.
#[derive(Clone, Debug)]
pub(crate) enum AbortHandle {
    Runtime(tokio::task::AbortHandle),
    Simulated(Simulated),
}

/// A task of a simulated process.
#[derive(Clone)]
pub(crate) struct Simulated {
    task: u64,
    executor: Weak<Executor>,
}

impl std::fmt::Debug for Simulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulated({})", self.task)
    }
}

impl AbortHandle {
    /// Stops it.
    pub(crate) fn abort(&self) {
        match self {
            Self::Runtime(task) => task.abort(),
            Self::Simulated(Simulated { task, executor }) => {
                if let Some(executor) = executor.upgrade() {
                    executor.abort(*task);
                }
            }
        }
    }
}

/// Spawns a task of the process that is running.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    match Executor::current() {
        Some(executor) => {
            let task = executor.spawn(future);
            let executor = Arc::downgrade(&executor);
            AbortHandle::Simulated(Simulated { task, executor })
        }
        None => AbortHandle::Runtime(crate::task::on_the_runtime(future)),
    }
}
