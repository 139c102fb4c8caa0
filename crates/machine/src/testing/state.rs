use std::{collections::BTreeMap, sync::Arc};

use abide_protocol::{Id, Millis};

use crate::{Config, Key, Promise, Row, Schedule, Task, Unblock, View};

/// How much of a state can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// What `debug.snap` tells: promises and tasks as they are rather than as they are stored, who
    /// waits for them, and what waits to be sent. No schedules, no names of what has woken a task.
    Told,
    /// Every record, as it is stored.
    Stored,
    /// Every record, and that they are the work of a machine that was configured like this from
    /// the start.
    Lived,
}

/// A state, wherever it comes from: a model, the rows of a store, or what `debug.snap` tells.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    rows: &'a BTreeMap<Key, Row>,
    now: Millis,
    config: &'a Config,
    sight: Sight,
}

impl<'a> State<'a> {
    /// The state that consists of these records at this time.
    pub fn new(rows: &'a BTreeMap<Key, Row>, now: Millis, config: &'a Config) -> Self {
        State { rows, now, config, sight: Sight::Lived }
    }

    /// The same state, of which less can be seen.
    pub fn seen(self, sight: Sight) -> Self {
        State { sight, ..self }
    }

    /// Every record, by key.
    pub fn rows(&self) -> &'a BTreeMap<Key, Row> {
        self.rows
    }

    /// The time of the last step.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// What the operator has chosen.
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// How much can be seen.
    pub fn sight(&self) -> Sight {
        self.sight
    }

    /// The promise as stored.
    pub fn promise(&self, id: &Id) -> Option<&'a Arc<Promise>> {
        match self.rows.get(&Key::Promise(id.clone())) {
            Some(Row::Promise(promise)) => Some(promise),
            _ => None,
        }
    }

    /// The task as stored.
    pub fn task(&self, id: &Id) -> Option<&'a Arc<Task>> {
        match self.rows.get(&Key::Task(id.clone())) {
            Some(Row::Task(task)) => Some(task),
            _ => None,
        }
    }

    /// The schedule as stored.
    pub fn schedule(&self, id: &Id) -> Option<&'a Arc<Schedule>> {
        match self.rows.get(&Key::Schedule(id.clone())) {
            Some(Row::Schedule(schedule)) => Some(schedule),
            _ => None,
        }
    }

    /// Whether a message for this address about this promise is stored.
    pub fn has_message(&self, address: &Arc<str>, promise: &Id) -> bool {
        self.rows.contains_key(&Key::Unblock(address.clone(), promise.clone()))
    }

    /// Every promise, by id.
    pub fn promises(&self) -> impl Iterator<Item = &'a Arc<Promise>> + use<'a> {
        self.rows.values().map_while(|row| match row {
            Row::Promise(promise) => Some(promise),
            _ => None,
        })
    }

    /// Every promise of an origin and, possibly, some others: those whose ids begin with it.
    pub fn tree(&self, origin: &'a str) -> impl Iterator<Item = &'a Arc<Promise>> + use<'a> {
        let from = Key::Promise(Id::from(origin));
        self.rows.range(from..).map_while(move |(_, row)| match row {
            Row::Promise(promise) if promise.record.id.starts_with(origin) => Some(promise),
            _ => None,
        })
    }

    /// Every task, by id.
    pub fn tasks(&self) -> impl Iterator<Item = &'a Arc<Task>> + use<'a> {
        let from = Key::Task(Id::from(""));
        self.rows.range(from..).map_while(|(_, row)| match row {
            Row::Task(task) => Some(task),
            _ => None,
        })
    }

    /// Every schedule, by id.
    pub fn schedules(&self) -> impl Iterator<Item = &'a Arc<Schedule>> + use<'a> {
        let from = Key::Schedule(Id::from(""));
        self.rows.range(from..).map_while(|(_, row)| match row {
            Row::Schedule(schedule) => Some(schedule),
            _ => None,
        })
    }

    /// Every stored message, by address and promise.
    pub fn messages(&self) -> impl Iterator<Item = &'a Arc<Unblock>> + use<'a> {
        let from = Key::Unblock(Arc::from(""), Id::from(""));
        self.rows.range(from..).filter_map(|(_, row)| match row {
            Row::Unblock(unblock) => Some(unblock),
            _ => None,
        })
    }
}

impl View for State<'_> {
    fn promise(&self, id: &Id) -> Option<&Arc<Promise>> {
        State::promise(self, id)
    }

    fn task(&self, id: &Id) -> Option<&Arc<Task>> {
        State::task(self, id)
    }

    fn schedule(&self, id: &Id) -> Option<&Arc<Schedule>> {
        State::schedule(self, id)
    }
}
