use std::collections::{BTreeMap, BTreeSet};

use abide_protocol::Millis;

use super::{
    Answered, Broken, Cases, Sight, State, Tally, Transition,
    near::Near,
    properties::{Predicate, Property, catalogue},
};
use crate::{Config, Entry, Key, Row, Step, entries};

impl Property {
    fn of_records(
        &self,
        state: &State,
        near: &Near,
        index: Option<&BTreeSet<Entry>>,
        cases: &mut Cases,
    ) {
        if self.sight > state.sight() {
            return;
        }
        match self.predicate {
            Predicate::Record(check) => {
                near.records.iter().for_each(|(key, row)| check(state, key, row, cases));
            }
            Predicate::Promise(check) => {
                near.promises.iter().for_each(|promise| check(state, promise, cases));
            }
            Predicate::Task(check) => {
                near.tasks.iter().for_each(|task| check(state, task, cases));
            }
            Predicate::Schedule(check) => {
                near.schedules.iter().for_each(|schedule| check(state, schedule, cases));
            }
            Predicate::Message(check) => {
                near.messages.iter().for_each(|message| check(state, message, cases));
            }
            Predicate::Found(check) => near.records.iter().for_each(|(_, row)| match index {
                Some(index) => check(state, row, index, cases),
                // Beside a model no index is kept: a record is found by its own entries.
                None => check(state, row, &entries(row).into_iter().collect(), cases),
            }),
            Predicate::Index(check) => {
                if let Some(index) = index {
                    check(state, index, cases);
                }
            }
            Predicate::Step(_) | Predicate::Answer(_) => {}
        }
    }
}

/// Evaluates every property, and tells of those that do not hold.
fn evaluate(tally: &mut Tally, check: impl Fn(&Property, &mut Cases)) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (place, property) in catalogue().enumerate() {
        let mut cases = Cases::default();
        check(property, &mut cases);
        if cases.count() > 0 {
            tally.add(place, cases.count());
        }
        broken.extend(cases.into_failure().map(|why| Broken::new(property, why)));
    }
    broken
}

impl Transition<'_> {
    /// Checks every property of the catalogue that is about states or steps, and counts how often
    /// each could have failed.
    ///
    /// # Errors
    /// With the first that does not hold.
    pub fn verify(&self, tally: &mut Tally) -> Result<(), Broken> {
        self.broken(tally).into_iter().next().map_or(Ok(()), Err)
    }

    /// Every property that does not hold.
    pub fn broken(&self, tally: &mut Tally) -> Vec<Broken> {
        let near = Near::to(self);
        evaluate(tally, |property, cases| match property.predicate {
            Predicate::Step(check) => check(self, cases),
            Predicate::Answer(check) => {
                if let (Step::Request(request), Some(response)) =
                    (self.step, &self.outcome.response)
                {
                    check(&Answered { request, response, after: self.after }, cases);
                }
            }
            _ => property.of_records(&self.after, &near, None, cases),
        })
    }
}

impl State<'_> {
    /// Every property of states that does not hold of this one.
    pub fn broken(&self, tally: &mut Tally) -> Vec<Broken> {
        let near = Near::all(self);
        evaluate(tally, |property, cases| property.of_records(self, &near, None, cases))
    }

    /// The same, with the index by which its records are found.
    pub(super) fn broken_by(&self, index: &BTreeSet<Entry>, tally: &mut Tally) -> Vec<Broken> {
        let near = Near::all(self);
        evaluate(tally, |property, cases| property.of_records(self, &near, Some(index), cases))
    }
}

impl Answered<'_> {
    /// Every property of answers that does not hold of this one.
    pub fn broken(&self, tally: &mut Tally) -> Vec<Broken> {
        evaluate(tally, |property, cases| {
            if let Predicate::Answer(check) = property.predicate
                && property.sight <= self.after.sight()
            {
                check(self, cases);
            }
        })
    }

    /// Checks every property of answers.
    ///
    /// # Panics
    /// When one does not hold, with the request and its answer.
    pub fn check(&self) {
        if let Some(broken) = self.broken(&mut Tally::default()).first() {
            let (request, response) = (self.request, self.response);
            panic!("{broken}\nrequest: {request:#?}\nresponse: {response:#?}");
        }
    }
}

/// Every property of states that does not hold of what a store holds: its records, the entries of
/// its index, and the time of its newest commit.
///
/// A store that was damaged may hold anything; nothing is taken for granted.
pub fn verify_rows(
    rows: &BTreeMap<Key, Row>,
    index: &BTreeSet<Entry>,
    now: Millis,
    config: &Config,
    tally: &mut Tally,
) -> Vec<Broken> {
    State::new(rows, now, config).seen(Sight::Stored).broken_by(index, tally)
}
