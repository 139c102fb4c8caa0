use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Id, Message, Millis, PromiseRecord, TaskRecord};

/// The whole state of a store, as `debug.snap` shows it. Everything is in order of id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// All promises, projected.
    pub promises: Vec<Arc<PromiseRecord>>,
    /// The armed deadlines of pending promises.
    pub promise_timeouts: Vec<Due>,
    /// Who awaits what.
    pub callbacks: Vec<Edge>,
    /// Who listens to what.
    pub listeners: Vec<Listening>,
    /// All tasks, projected.
    pub tasks: Vec<TaskRecord>,
    /// The retry and lease deadlines of tasks.
    pub task_timeouts: Vec<TaskDue>,
    /// The messages that wait to be delivered.
    pub messages: Vec<Outgoing>,
}

/// An armed deadline of a promise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// The promise.
    pub id: Id,
    /// When it fires.
    pub timeout: Millis,
}

/// A callback: `awaiter` is resumed when `awaited` settles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// The promise waited for.
    pub awaited: Id,
    /// The promise whose task waits.
    pub awaiter: Id,
}

/// A listener: `address` hears when `id` settles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listening {
    /// The promise.
    pub id: Id,
    /// Who hears.
    pub address: String,
}

/// A deadline of a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskDue {
    /// The task.
    pub id: Id,
    /// 0 for a retry, 1 for a lease.
    #[serde(rename = "type")]
    pub kind: u8,
    /// When it fires.
    pub timeout: Millis,
}

/// A message and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outgoing {
    /// The receiver.
    pub address: String,
    /// The message as it goes over the wire.
    pub message: serde_json::Value,
}

impl Outgoing {
    /// A message on its way to an address.
    pub fn new(address: &str, message: &Message) -> Self {
        let message = serde_json::from_str(&message.to_json("")).expect("a message is JSON");
        Outgoing { address: address.into(), message }
    }
}
