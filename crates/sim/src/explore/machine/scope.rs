use abide_machine::{Config, Effect, Internal, Key, Row, Step};
use abide_protocol::Millis;

/// A small part of everything: so many ids, workers and points in time that all of it can be gone
/// through.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its name.
    pub name: &'static str,
    /// What is in it, in a sentence.
    pub about: &'static str,
    pub(super) config: Config,
    /// The points in time, in order.
    pub(super) times: Vec<Millis>,
    /// What can happen.
    pub(super) choices: Vec<Choice>,
    /// How often a task is acquired at most.
    pub(super) version: i64,
    /// How many wakes a task has at most that nobody has been told of.
    pub(super) resumes: u64,
}

/// One of the steps of a scope.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) step: Step,
    /// Whoever drives the machine takes the step only when none of these promises is pending.
    pub(super) settled: Vec<Key>,
}

impl Choice {
    pub(super) fn new(text: impl Into<String>, step: Step) -> Self {
        Choice { text: text.into(), step, settled: Vec::new() }
    }

    /// Every key that it may read or write.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = self.step.footprint();
        keys.extend(self.settled.iter().cloned());
        match &self.step {
            Step::Internal(Internal::Listener { id, address }) => {
                keys.push(Key::Unblock(address.clone(), id.clone()));
            }
            Step::Internal(Internal::Delivered(unblock)) => {
                keys.push(Key::Unblock(unblock.address.clone(), unblock.promise.clone()));
            }
            _ => {}
        }
        keys
    }
}

impl Scope {
    /// How many choices there are in each state.
    pub fn choices(&self) -> usize {
        self.choices.len()
    }

    /// Whether what a step comes to is still in the scope.
    pub(super) fn holds(&self, effects: &[Effect]) -> bool {
        effects.iter().all(|effect| match effect {
            Effect::Put(Row::Task(task)) => {
                task.version <= self.version && task.resumes <= self.resumes
            }
            _ => true,
        })
    }
}
