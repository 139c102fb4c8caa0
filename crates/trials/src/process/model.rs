//! What one script must have left behind: a few lines of the protocol, written again and
//! independently of the machine, for requests that nobody else interferes with.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use abide_protocol::{PromiseState, TaskState};

/// The longest payload that is shown as it is.
const SHOWN: usize = 64;

/// A promise and its task, as far as the trial looks at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) state: PromiseState,
    pub(crate) param: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) task: Option<(TaskState, i64)>,
}

impl Entry {
    pub(crate) fn pending(param: Option<String>, task: Option<(TaskState, i64)>) -> Self {
        Entry { state: PromiseState::Pending, param, value: None, task }
    }

    /// Settling a promise fulfils its task in the same write.
    pub(crate) fn settle(&mut self, state: PromiseState, value: Option<String>) {
        self.state = state;
        self.value = value;
        if let Some((task, _)) = &mut self.task {
            *task = TaskState::Fulfilled;
        }
    }

    /// What happens to what an owner owns when it is canceled.
    pub(crate) fn cancel(&mut self) {
        if self.state == PromiseState::Pending {
            self.settle(PromiseState::RejectedCanceled, None);
        }
    }

    pub(crate) fn task(&mut self, state: TaskState) {
        self.task.as_mut().expect("it has a task").0 = state;
    }

    pub(crate) fn acquire(&mut self) {
        let (state, version) = self.task.as_mut().expect("it has a task");
        *state = TaskState::Acquired;
        *version += 1;
    }
}

/// The entries of a script, or of the whole store.
pub(crate) type Entries = BTreeMap<String, Entry>;

/// A payload for comparing and for printing.
pub(crate) fn brief(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let begin: String = text.chars().take(SHOWN / 2).collect();
    format!("{begin}... {} bytes, {:x}", text.len(), hasher.finish())
}
