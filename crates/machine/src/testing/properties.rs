//! What must hold, whatever happens. A predicate on a state holds of every state that a step leaves
//! behind; a predicate on a step holds of every step; a predicate on an answer, of whatever a
//! driver answers.

mod answer;
mod cancellation;
mod claim;
mod finding;
mod index;
mod join;
mod lease;
mod message;
mod offer;
mod promise;
mod reclamation;
mod schedule;
mod settlement;
mod store;
mod task;
mod task_edge;
mod waiting;
mod wake_up;

use std::collections::BTreeSet;

use super::{Answered, Area, Cases, Sight, State, Transition};
use crate::{Entry, Key, Promise, Row, Schedule, Task, Unblock};

/// Something that must hold.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// What it says, in a sentence.
    pub name: &'static str,
    /// What it is about.
    pub area: Area,
    pub(super) predicate: Predicate,
    /// How much of a state has to be seen to find out.
    pub(super) sight: Sight,
}

/// How it is found out whether a property holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Predicate {
    Record(fn(&State, &Key, &Row, &mut Cases)),
    Promise(fn(&State, &Promise, &mut Cases)),
    Task(fn(&State, &Task, &mut Cases)),
    Schedule(fn(&State, &Schedule, &mut Cases)),
    Message(fn(&State, &Unblock, &mut Cases)),
    /// Of a record and the index by which it is found.
    Found(fn(&State, &Row, &BTreeSet<Entry>, &mut Cases)),
    Index(fn(&State, &BTreeSet<Entry>, &mut Cases)),
    Step(fn(&Transition, &mut Cases)),
    Answer(fn(&Answered, &mut Cases)),
}

/// What a property looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A state.
    State,
    /// A state and the step to the next.
    Step,
    /// An answer and the state that it tells of.
    Answer,
}

/// Every property, in groups.
const CATALOGUE: &[&[Property]] = &[
    store::CATALOGUE,
    index::CATALOGUE,
    finding::CATALOGUE,
    promise::CATALOGUE,
    task::CATALOGUE,
    task_edge::CATALOGUE,
    claim::CATALOGUE,
    schedule::CATALOGUE,
    join::CATALOGUE,
    settlement::CATALOGUE,
    waiting::CATALOGUE,
    lease::CATALOGUE,
    wake_up::CATALOGUE,
    offer::CATALOGUE,
    message::CATALOGUE,
    cancellation::CATALOGUE,
    reclamation::CATALOGUE,
    answer::CATALOGUE,
];

/// Every property.
pub fn catalogue() -> impl Iterator<Item = &'static Property> {
    CATALOGUE.iter().copied().flatten()
}

impl Property {
    const fn new(area: Area, name: &'static str, predicate: Predicate) -> Self {
        Property { name, area, predicate, sight: Sight::Told }
    }

    const fn step(area: Area, name: &'static str, check: fn(&Transition, &mut Cases)) -> Self {
        Property::new(area, name, Predicate::Step(check))
    }

    const fn promise(
        area: Area,
        name: &'static str,
        check: fn(&State, &Promise, &mut Cases),
    ) -> Self {
        Property::new(area, name, Predicate::Promise(check))
    }

    const fn task(area: Area, name: &'static str, check: fn(&State, &Task, &mut Cases)) -> Self {
        Property::new(area, name, Predicate::Task(check))
    }

    const fn schedule(
        area: Area,
        name: &'static str,
        check: fn(&State, &Schedule, &mut Cases),
    ) -> Self {
        Property::new(area, name, Predicate::Schedule(check))
    }

    const fn message(
        area: Area,
        name: &'static str,
        check: fn(&State, &Unblock, &mut Cases),
    ) -> Self {
        Property::new(area, name, Predicate::Message(check))
    }

    /// The same, but what `debug.snap` tells is not enough for it.
    const fn untold(self) -> Self {
        Property { sight: Sight::Stored, ..self }
    }

    /// The same, but what is stored is not enough for it: it has to be known how it came about.
    const fn lived(self) -> Self {
        Property { sight: Sight::Lived, ..self }
    }

    /// Whether what `debug.snap` tells is enough to find out.
    pub fn is_told(&self) -> bool {
        self.sight == Sight::Told
    }

    /// What it looks at.
    pub fn subject(&self) -> Subject {
        match self.predicate {
            Predicate::Step(_) => Subject::Step,
            Predicate::Answer(_) => Subject::Answer,
            _ => Subject::State,
        }
    }
}
