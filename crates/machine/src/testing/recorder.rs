use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use abide_protocol::Id;

use crate::{Key, Promise, Schedule, Task, View};

/// A view that remembers which keys were read through it.
pub struct Recorder<'a> {
    view: &'a dyn View,
    read: RefCell<BTreeSet<Key>>,
}

impl<'a> Recorder<'a> {
    /// A view of the same state that has not been read yet.
    pub fn new(view: &'a dyn View) -> Self {
        Recorder { view, read: RefCell::default() }
    }

    /// The keys that were read.
    pub fn into_read(self) -> BTreeSet<Key> {
        self.read.into_inner()
    }
}

impl View for Recorder<'_> {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        self.read.borrow_mut().insert(Key::Promise(id.clone()));
        self.view.promise(id)
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        self.read.borrow_mut().insert(Key::Task(id.clone()));
        self.view.task(id)
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        self.read.borrow_mut().insert(Key::Schedule(id.clone()));
        self.view.schedule(id)
    }
}
