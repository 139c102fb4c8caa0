use abide_machine::{Config, Effect, Row};
use abide_protocol::Millis;

use crate::explore::choice::Choice;

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
