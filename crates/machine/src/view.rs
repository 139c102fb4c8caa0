use std::sync::Arc;

use abide_protocol::Id;

use crate::{Promise, Schedule, Task};

/// The pre-state of a step. A step reads it and nothing else, and only the keys of its
/// [`footprint`](crate::Step::footprint).
pub trait View {
    /// The promise as stored.
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>>;
    /// The task as stored.
    fn task(&self, id: &Id) -> Option<&Arc<Task>>;
    /// The schedule as stored.
    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>>;
}
