use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use abide_machine::{
    Config, Effect, Key, Outcome, Promise, Row, Schedule, Step, Task, View, armed, step,
};
use abide_protocol::{Id, Request, Response};

use super::System;
use crate::requests::NOW;

/// The machine over a map, each effect applied at once.
#[derive(Default)]
pub(crate) struct Machine {
    records: Records,
    config: Config,
    offers: Vec<(Id, i64)>,
}

#[derive(Default)]
struct Records {
    promises: BTreeMap<Id, Arc<Promise>>,
    tasks: BTreeMap<Id, Arc<Task>>,
}

impl View for Records {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        self.promises.get(id)
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        self.tasks.get(id)
    }

    fn schedule(&self, _: &Id) -> Option<&Arc<Schedule>> {
        None
    }
}

impl Machine {
    /// Takes a step, and adds to `due` what it leaves to be done.
    fn step(&mut self, taken: &Step, due: &mut VecDeque<Step>) -> Option<Response> {
        let Outcome { response, effects, .. } = step(&self.records, taken, NOW, &self.config);
        for effect in effects {
            match effect {
                Effect::Put(row) => {
                    let steps = armed(&row).into_iter().filter(|(at, _)| *at <= NOW);
                    due.extend(steps.map(|(_, step)| Step::Internal(step)));
                    self.put(row);
                }
                Effect::Delete(Key::Promise(id)) => drop(self.records.promises.remove(&id)),
                Effect::Delete(Key::Task(id)) => drop(self.records.tasks.remove(&id)),
                Effect::Delete(other) => unreachable!("no script makes {other:?}"),
                Effect::Execute { id, version, .. } => self.offers.push((id, version)),
            }
        }
        response
    }

    /// Every record.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let promises = self.records.promises.values().cloned().map(Row::Promise);
        promises.chain(self.records.tasks.values().cloned().map(Row::Task))
    }

    fn put(&mut self, row: Row) {
        match row {
            Row::Promise(row) => drop(self.records.promises.insert(row.record.id.clone(), row)),
            Row::Task(row) => drop(self.records.tasks.insert(row.id.clone(), row)),
            other => unreachable!("no script makes {other:?}"),
        }
    }
}

impl System for Machine {
    fn call(&mut self, request: Request) -> Response {
        let mut due = VecDeque::new();
        let response = self.step(&Step::Request(request), &mut due);
        while let Some(step) = due.pop_front() {
            self.step(&step, &mut due);
        }
        response.expect("a request is answered")
    }

    fn offers(&mut self) -> Vec<(Id, i64)> {
        std::mem::take(&mut self.offers)
    }
}
