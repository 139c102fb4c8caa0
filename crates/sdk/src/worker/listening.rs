//! Which executions want to be told when a promise is settled.

use abide_protocol::Id;

use crate::hash::{HashMap, HashSet};

/// Promises and the executions that listen to them, both ways round, so that nothing is searched.
#[derive(Debug, Default)]
pub(super) struct Listening {
    tasks: HashMap<Id, HashSet<Id>>,
    promises: HashMap<Id, HashSet<Id>>,
}

impl Listening {
    /// An execution listens to a promise.
    pub(super) fn add(&mut self, promise: &Id, task: &Id) {
        self.tasks.entry(promise.clone()).or_default().insert(task.clone());
        self.promises.entry(task.clone()).or_default().insert(promise.clone());
    }

    /// Whether anybody listens to a promise.
    #[cfg(feature = "http")]
    pub(super) fn has(&self, promise: &Id) -> bool {
        self.tasks.contains_key(promise)
    }

    /// A promise is settled: who listened to it.
    pub(super) fn settled(&mut self, promise: &Id) -> HashSet<Id> {
        let tasks = self.tasks.remove(promise).unwrap_or_default();
        for task in &tasks {
            forget(&mut self.promises, task, promise);
        }
        tasks
    }

    /// An execution has heard of a promise in another way.
    pub(super) fn remove(&mut self, promise: &Id, task: &Id) {
        forget(&mut self.tasks, promise, task);
        forget(&mut self.promises, task, promise);
    }

    /// An execution has ended.
    pub(super) fn ended(&mut self, task: &Id) {
        for promise in self.promises.remove(task).unwrap_or_default() {
            forget(&mut self.tasks, &promise, task);
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.promises.is_empty()
    }
}

fn forget(map: &mut HashMap<Id, HashSet<Id>>, key: &Id, member: &Id) {
    if let Some(members) = map.get_mut(key) {
        members.remove(member);
        if members.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_round_always_agree() {
        let mut listening = Listening::default();
        for (promise, task) in [("p", "a"), ("p", "b"), ("q", "b"), ("q", "b")] {
            listening.add(&promise.into(), &task.into());
        }
        assert_eq!(listening.settled(&"p".into()), ["a".into(), "b".into()].into_iter().collect());
        assert_eq!(listening.settled(&"p".into()), HashSet::default());
        listening.ended(&"a".into());
        listening.ended(&"b".into());
        assert_eq!(listening.settled(&"q".into()), HashSet::default());
        assert!(listening.is_empty());
    }
}
