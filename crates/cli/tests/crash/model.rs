//! What one script must have left behind: a few lines of the protocol, written again and
//! independently of the machine, for requests that nobody else interferes with.

use std::collections::BTreeMap;

use abide_protocol::{PromiseState, TaskState};

/// A promise and its task, as far as the test looks at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub state: PromiseState,
    pub value: Option<String>,
    pub task: Option<(TaskState, i64)>,
}

impl Entry {
    pub fn pending(task: Option<(TaskState, i64)>) -> Self {
        Entry { state: PromiseState::Pending, value: None, task }
    }

    /// Settling a promise fulfils its task in the same write.
    pub fn settle(&mut self, state: PromiseState, value: Option<String>) {
        self.state = state;
        self.value = value;
        if let Some((task, _)) = &mut self.task {
            *task = TaskState::Fulfilled;
        }
    }

    pub fn task(&mut self, state: TaskState) {
        self.task.as_mut().expect("it has a task").0 = state;
    }

    pub fn acquire(&mut self) {
        let (state, version) = self.task.as_mut().expect("it has a task");
        *state = TaskState::Acquired;
        *version += 1;
    }
}

/// The entries of a script, or of the whole store.
pub type Entries = BTreeMap<String, Entry>;
