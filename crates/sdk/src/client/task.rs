//! A task, as it was when it was looked at.

use std::time::Duration;

use abide_protocol as protocol;

use super::TaskState;

/// A task, as it was when it was looked at: the claim to execute the promise of the same id.
///
/// ```
/// # use abide::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let mut tasks = abide.tasks().search().stream();
/// while let Some(task) = tasks.next().await {
///     let task = task?;
///     println!("{}: {:?}, acquired {} times", task.id(), task.state(), task.version());
///     if let (Some(process), Some(lease)) = (task.process(), task.lease()) {
///         println!("  held by {process}, for {lease:?} after its last heartbeat");
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord(pub(super) protocol::TaskRecord);

impl TaskRecord {
    /// The id of the task and of its promise.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Its state.
    pub fn state(&self) -> TaskState {
        self.0.state
    }

    /// How often it was acquired: the fencing token.
    pub fn version(&self) -> u64 {
        u64::try_from(self.0.version).unwrap_or_default()
    }

    /// The process that holds it, if one does.
    pub fn process(&self) -> Option<&str> {
        self.0.pid.as_deref()
    }

    /// How long it stays with the process that holds it, if that is not heard of.
    pub fn lease(&self) -> Option<Duration> {
        let millis = u64::try_from(self.0.ttl?).unwrap_or_default();
        Some(Duration::from_millis(millis))
    }
}
