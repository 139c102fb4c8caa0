use serde::{Deserialize, Serialize};

use crate::{Id, Millis};

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for a worker to acquire it.
    Pending,
    /// Held by one process under a lease.
    Acquired,
    /// Waits for awaited promises to settle.
    Suspended,
    /// Stopped by an operator until it is continued.
    Halted,
    /// Done: its promise is settled.
    Fulfilled,
}

impl TaskState {
    /// The state's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Pending => "pending",
            TaskState::Acquired => "acquired",
            TaskState::Suspended => "suspended",
            TaskState::Halted => "halted",
            TaskState::Fulfilled => "fulfilled",
        }
    }
}

/// A task as it appears on the wire: the claim to execute the promise of the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskRecord {
    /// The id of the task and of its promise.
    pub id: Id,
    /// Its state.
    pub state: TaskState,
    /// The fencing token: moves by one on each acquisition and never otherwise.
    pub version: i64,
    /// How many awaited promises have settled since the task was last acquired.
    pub resumes: u64,
    /// The length of the lease, in milliseconds; present exactly when acquired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Millis>,
    /// The process that holds it; present exactly when acquired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<String>,
}
