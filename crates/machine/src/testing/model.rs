use std::{collections::BTreeMap, sync::Arc};

use abide_protocol::{Id, Millis, Request};

use super::{Answered, Recorder, State, Taken, Transition, scan};
use crate::{
    Config, Effect, Internal, Key, Outcome, Promise, Row, Schedule, Step, Task, View, armed,
};

/// How often everything that is due fires at one instant before the model gives up: a step that
/// fires has to leave nothing due but, at most, the next occurrence of its schedule.
const ROUNDS: usize = 1_000;

/// A driver of the machine as simple as one can be: every record in one map, every effect applied
/// at once, every transition checked against the whole catalogue of properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    rows: BTreeMap<Key, Row>,
    now: Millis,
    config: Config,
}

impl View for Model {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        match self.rows.get(&Key::Promise(id.clone())) {
            Some(Row::Promise(promise)) => Some(promise),
            _ => None,
        }
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        match self.rows.get(&Key::Task(id.clone())) {
            Some(Row::Task(task)) => Some(task),
            _ => None,
        }
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        match self.rows.get(&Key::Schedule(id.clone())) {
            Some(Row::Schedule(schedule)) => Some(schedule),
            _ => None,
        }
    }
}

impl Model {
    /// An empty model.
    pub fn new(config: Config) -> Self {
        Model { config, ..Model::default() }
    }

    /// A model of these records at this time.
    pub fn of(config: Config, rows: BTreeMap<Key, Row>, now: Millis) -> Self {
        Model { rows, now, config }
    }

    /// What there is.
    pub fn state(&self) -> State<'_> {
        State::new(&self.rows, self.now, &self.config)
    }

    /// Every record, by key.
    pub fn rows(&self) -> &BTreeMap<Key, Row> {
        &self.rows
    }

    /// Every promise, by id.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        self.rows.values().filter_map(|row| match row {
            Row::Promise(promise) => Some(&**promise),
            _ => None,
        })
    }

    /// The time of the last step.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// What the operator has chosen.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Carries out a request as an engine does: searches and preloads are scans, a heartbeat
    /// without tasks means all that the process holds.
    ///
    /// # Panics
    /// When the step or its answer breaks a property of the catalogue.
    pub fn request(&mut self, request: &Request, now: Millis) -> Outcome {
        let outcome = match scan::search(self, request, now) {
            Some(response) => {
                // Not a step, but time goes on all the same.
                self.now = self.now.max(now);
                Outcome { response: Some(response), ..Outcome::default() }
            }
            None => {
                let step = scan::expand(self, request, now);
                let mut outcome = self.take(&step, now);
                scan::preload(self, request, &mut outcome, now);
                outcome
            }
        };
        if let Some(response) = &outcome.response {
            let after = State::new(&self.rows, now, &self.config);
            Answered { request, response, after }.check();
        }
        outcome
    }

    /// Takes one step and applies its effects.
    ///
    /// # Panics
    /// When the transition breaks a property of the catalogue, or time goes backwards.
    pub fn take(&mut self, step: &Step, now: Millis) -> Outcome {
        assert!(now >= self.now, "time goes from {} back to {now}", self.now);
        let taken = Recorder::new(self).take(step, now, &self.config);
        let mut after = self.clone();
        after.apply(&taken);
        Transition::new(self.state(), &taken, after.state()).check();
        *self = after;
        taken.outcome
    }

    /// Applies what a step has come to, whoever took it.
    pub fn apply(&mut self, taken: &Taken) {
        self.now = taken.now;
        for effect in &taken.outcome.effects {
            match effect {
                Effect::Put(row) => {
                    self.rows.insert(row.key(), row.clone());
                }
                Effect::Delete(key) => {
                    self.rows.remove(key);
                }
                Effect::Execute { .. } => {}
            }
        }
    }

    /// The internal steps that are due, deadlines first. A cascade is due when nothing is left to
    /// cancel; until then that is.
    pub fn due(&self, now: Millis) -> Vec<Internal> {
        let steps = self.rows.values().flat_map(armed);
        let due = steps.filter(|(time, _)| *time <= now).map(|(_, step)| step);
        let mut due: Vec<_> = due.flat_map(|step| self.looked_up(step)).collect();
        due.sort();
        due
    }

    fn looked_up(&self, step: Internal) -> Vec<Internal> {
        let Internal::Cascade { id: owner } = &step else { return vec![step] };
        let cancel = |id: Id| Internal::Cancel { owner: owner.clone(), id };
        let owned: Vec<_> = scan::owned(self, owner).map(cancel).collect();
        if owned.is_empty() { vec![step] } else { owned }
    }

    /// Fires everything that is due until nothing is: all deadlines before any callback.
    pub fn tick(&mut self, now: Millis) -> Vec<(Internal, Outcome)> {
        self.fire(now, |_| true)
    }

    /// Resumes and tells all those who wait for a settled promise, and cancels what a canceled one
    /// owns.
    pub fn drain(&mut self, now: Millis) -> Vec<(Internal, Outcome)> {
        use Internal::{Callback, Cancel, Cascade, Listener};
        self.fire(now, |step| {
            matches!(step, Callback { .. } | Listener { .. } | Cancel { .. } | Cascade { .. })
        })
    }

    /// Writes what deadlines have settled, and nothing else.
    pub fn settle_overdue(&mut self, now: Millis) -> Vec<(Internal, Outcome)> {
        self.fire(now, |step| matches!(step, Internal::Deadline { .. }))
    }

    fn fire(
        &mut self,
        now: Millis,
        wanted: impl Fn(&Internal) -> bool,
    ) -> Vec<(Internal, Outcome)> {
        let mut fired = Vec::new();
        for _ in 0..ROUNDS {
            let due: Vec<_> = self.due(now).into_iter().filter(&wanted).collect();
            if due.is_empty() {
                return fired;
            }
            for internal in due {
                let outcome = self.take(&Step::Internal(internal.clone()), now);
                fired.push((internal, outcome));
            }
        }
        panic!("still due after {ROUNDS} rounds: {:?}", self.due(now));
    }
}
