use std::collections::BTreeMap;

use abide_protocol::Millis;

use super::{Broken, Model, Taken, Tally, Transition};
use crate::{Config, Key, Row};

/// A model kept beside a driver of the machine: it takes over every step that the driver has
/// taken, and checks it against the whole catalogue. What the step came to is the driver's; that
/// the driver has read what the model holds is one of the properties.
#[derive(Clone, Debug)]
pub struct Follower {
    /// The state before the next step.
    before: Model,
    /// The same, but for the step that is being taken over.
    after: Model,
    tally: Tally,
}

impl Follower {
    /// A model of what a driver starts with: what its store holds, at the time at which it starts.
    pub fn new(config: Config, rows: BTreeMap<Key, Row>, now: Millis) -> Self {
        let model = Model::of(config, rows, now);
        Follower { before: model.clone(), after: model, tally: Tally::default() }
    }

    /// Starts over after the driver has: with what is durable, at the time at which it starts.
    /// What was counted stays.
    pub fn restart(&mut self, rows: BTreeMap<Key, Row>, now: Millis) {
        let model = Model::of(*self.after.config(), rows, now);
        (self.before, self.after) = (model.clone(), model);
    }

    /// Takes a step over.
    ///
    /// # Errors
    /// With the first property that does not hold, and the transition. The model has taken the step
    /// all the same.
    pub fn follow(&mut self, taken: &Taken) -> Result<(), (Broken, String)> {
        self.after.apply(taken);
        let at = Transition::new(self.before.state(), taken, self.after.state());
        let verdict = at.verify(&mut self.tally).map_err(|broken| (broken, at.to_string()));
        self.before.apply(taken);
        verdict
    }

    /// The state as it is now.
    pub fn model(&self) -> &Model {
        &self.after
    }

    /// How often each property could have failed.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}
