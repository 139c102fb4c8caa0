use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use abide_protocol::{Id, Millis};

use super::Taken;
use crate::{Config, Key, Promise, Row, Schedule, Step, Task, View};

/// A view that remembers what was read through it.
pub struct Recorder<'a> {
    view: &'a dyn View,
    read: RefCell<BTreeMap<Key, Option<Row>>>,
}

impl<'a> Recorder<'a> {
    /// A view of the same state that has not been read yet.
    pub fn new(view: &'a dyn View) -> Self {
        Recorder { view, read: RefCell::default() }
    }

    /// What was read, with what was found there.
    pub fn into_read(self) -> BTreeMap<Key, Option<Row>> {
        self.read.into_inner()
    }

    /// Takes a step over the state, and tells all about it.
    pub fn take(self, step: &Step, now: Millis, config: &Config) -> Taken {
        let outcome = crate::step(&self, step, now, config);
        Taken { step: step.clone(), now, read: self.into_read(), outcome }
    }

    fn note(&self, key: Key, row: Option<Row>) {
        self.read.borrow_mut().insert(key, row);
    }
}

impl View for Recorder<'_> {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        let found = self.view.promise(id);
        self.note(Key::Promise(id.clone()), found.cloned().map(Row::Promise));
        found
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        let found = self.view.task(id);
        self.note(Key::Task(id.clone()), found.cloned().map(Row::Task));
        found
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        let found = self.view.schedule(id);
        self.note(Key::Schedule(id.clone()), found.cloned().map(Row::Schedule));
        found
    }
}
