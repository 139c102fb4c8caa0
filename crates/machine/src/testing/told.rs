use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_protocol::{Id, Message, Millis, Snapshot, TaskRecord, TaskState};

use super::{Broken, Model, Sight, State, Tally};
use crate::{Config, DueKind, Entry, Key, Phase, Promise, Row, Task, Unblock};

/// The state that `debug.snap` tells of: what somebody who sees a server only from outside can know
/// of it.
#[derive(Clone, Debug)]
pub struct Told {
    rows: BTreeMap<Key, Row>,
    index: BTreeSet<Entry>,
    contradictions: Vec<String>,
    now: Millis,
    config: Config,
}

/// The type of a retry among the deadlines of tasks, and that of a lease.
const RETRY: u8 = 0;
const LEASE: u8 = 1;

impl Told {
    /// What a snapshot tells that was taken at this time.
    pub fn new(snapshot: &Snapshot, now: Millis, config: Config) -> Self {
        let (rows, index, contradictions) = Default::default();
        let mut told = Told { rows, index, contradictions, now, config };
        let offered = told.offers(snapshot);
        told.promises(snapshot);
        for task in &snapshot.tasks {
            told.task(task, snapshot, offered.get(&task.id));
        }
        told.messages(snapshot);
        let lengths = (snapshot.promises.len(), snapshot.tasks.len());
        let known = |key: fn(&Key) -> bool| told.rows.keys().filter(|it| key(it)).count();
        let promises = known(|key| matches!(key, Key::Promise(_)));
        let tasks = known(|key| matches!(key, Key::Task(_)));
        if lengths != (promises, tasks) {
            told.contradict("a promise or a task is told of twice".into());
        }
        told
    }

    fn contradict(&mut self, what: String) {
        self.contradictions.push(what);
    }

    /// Where each task is offered, and at which version.
    fn offers(&mut self, snapshot: &Snapshot) -> BTreeMap<Id, (Arc<str>, i64)> {
        let mut offered = BTreeMap::new();
        for outgoing in &snapshot.messages {
            match Message::from_json(&outgoing.message.to_string()) {
                Some(Message::Execute { id, version }) => {
                    let offer = (outgoing.address.as_str().into(), version);
                    if offered.insert(id.clone(), offer).is_some() {
                        self.contradict(format!("the task {id} is offered twice"));
                    }
                }
                Some(Message::Unblock { .. }) => {}
                None => self.contradict(format!("{outgoing:?} is no message")),
            }
        }
        let tasks: BTreeSet<&Id> = snapshot.tasks.iter().map(|task| &task.id).collect();
        for id in offered.keys().filter(|id| !tasks.contains(id)) {
            self.contradictions.push(format!("the task {id} is offered and not there"));
        }
        offered
    }

    fn promises(&mut self, snapshot: &Snapshot) {
        let mut promises = BTreeMap::new();
        for record in &snapshot.promises {
            let promise = Promise {
                record: record.clone(),
                awaiters: BTreeSet::new(),
                listeners: BTreeSet::new(),
                unheard: BTreeSet::new(),
                cascading: false,
            };
            promises.insert(record.id.clone(), promise);
        }
        for edge in &snapshot.callbacks {
            match promises.get_mut(&edge.awaited) {
                Some(promise) => drop(promise.awaiters.insert(edge.awaiter.clone())),
                None => self.contradict(format!("{edge:?}: there is no such promise")),
            }
        }
        for listening in &snapshot.listeners {
            match promises.get_mut(&listening.id) {
                Some(promise) => drop(promise.listeners.insert(listening.address.as_str().into())),
                None => self.contradict(format!("{listening:?}: there is no such promise")),
            }
        }
        for due in &snapshot.promise_timeouts {
            let record = promises.get(&due.id).map(|promise| &promise.record);
            let fits = record.is_some_and(|it| it.is_pending() && it.timeout_at == due.timeout);
            if !fits {
                self.contradict(format!("{due:?} is the deadline of {record:?}"));
            }
            self.index.insert(Entry::Due(due.timeout, DueKind::Deadline, due.id.clone()));
        }
        let rows = promises.into_iter();
        self.rows.extend(rows.map(|(id, it)| (Key::Promise(id), Row::Promise(Arc::new(it)))));
    }

    fn task(&mut self, record: &TaskRecord, snapshot: &Snapshot, offer: Option<&(Arc<str>, i64)>) {
        let id = &record.id;
        let due = |kind: u8| {
            let due = snapshot.task_timeouts.iter().find(|it| it.id == *id && it.kind == kind);
            due.map(|due| due.timeout)
        };
        let phase = match (record.state, due(RETRY), due(LEASE)) {
            (TaskState::Pending, Some(due), None) => {
                Phase::Pending { due, offered: offer.is_some() }
            }
            (TaskState::Acquired, None, Some(expires)) => Phase::Acquired {
                pid: record.pid.as_deref().unwrap_or_default().into(),
                ttl: record.ttl.unwrap_or_default(),
                expires,
            },
            (TaskState::Suspended, None, None) => Phase::Suspended,
            (TaskState::Halted, None, None) => Phase::Halted,
            (TaskState::Fulfilled, None, None) => Phase::Fulfilled,
            (_, retry, lease) => {
                return self.contradict(format!("{record:?}, retry: {retry:?}, lease: {lease:?}"));
            }
        };
        let held = record.state == TaskState::Acquired;
        if record.pid.is_some() != held || record.ttl.is_some() != held {
            self.contradict(format!("{record:?} tells of a claim"));
        }
        if offer.is_some_and(|(_, version)| *version != record.version) {
            self.contradict(format!("{record:?} is offered as {offer:?}"));
        }
        if offer.is_some() && record.state != TaskState::Pending {
            self.contradict(format!("{record:?} is offered"));
        }
        let target = self.state().promise(id).and_then(|it| it.record.tags.address());
        let address = offer.map(|(address, _)| address.clone());
        let address = address.unwrap_or_else(|| target.unwrap_or_default().into());
        match &phase {
            Phase::Pending { offered: true, .. } => {
                self.index.insert(Entry::Ready(address.clone(), id.clone()));
            }
            Phase::Pending { due, .. } => {
                self.index.insert(Entry::Due(*due, DueKind::Dispatch, id.clone()));
            }
            Phase::Acquired { expires, .. } => {
                self.index.insert(Entry::Due(*expires, DueKind::Lease, id.clone()));
            }
            Phase::Suspended | Phase::Halted | Phase::Fulfilled => {}
        }
        let (version, resumes) = (record.version, record.resumes);
        let task = Task { id: id.clone(), address, version, resumes, resumed: Vec::new(), phase };
        self.rows.insert(Key::Task(id.clone()), Row::Task(Arc::new(task)));
    }

    fn messages(&mut self, snapshot: &Snapshot) {
        for outgoing in &snapshot.messages {
            let message = Message::from_json(&outgoing.message.to_string());
            let Some(Message::Unblock { promise }) = message else { continue };
            let is = self.state().promise(&promise.id).map(|it| it.record.clone());
            if is.as_ref() != Some(&promise) {
                self.contradict(format!("{outgoing:?} tells of {is:?}"));
            }
            let (address, promise) = (outgoing.address.as_str().into(), promise.id.clone());
            let row = Row::Unblock(Arc::new(Unblock { address, promise }));
            self.rows.insert(row.key(), row);
        }
        for due in &snapshot.task_timeouts {
            if !self.rows.contains_key(&Key::Task(due.id.clone())) {
                self.contradict(format!("{due:?}: there is no such task"));
            }
        }
    }

    /// The state, as far as it is told.
    pub fn state(&self) -> State<'_> {
        State::new(&self.rows, self.now, &self.config).seen(Sight::Told)
    }

    /// A model that begins where this state is, as far as it is told.
    pub fn model(&self) -> Model {
        Model::of(self.config, self.rows.clone(), self.now)
    }

    /// What contradicts itself in the snapshot: a deadline of nothing, a message about nothing.
    pub fn contradictions(&self) -> &[String] {
        &self.contradictions
    }

    /// Every property that does not hold of this state, of those that can be told from outside.
    pub fn broken(&self, tally: &mut Tally) -> Vec<Broken> {
        self.state().broken_by(&self.index, tally)
    }
}
