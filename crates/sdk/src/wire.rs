//! Promises and tasks of an execution, as requests and records.

use std::{collections::BTreeMap, sync::Arc};

use abide_protocol::{
    CreateAction, FenceAction, Id, Millis, PromiseCreate, PromiseRecord, PromiseSettle,
    PromiseState, Request, SettleAction, SettleState, Tags, TaskFence, TaskFulfill, Value, tag,
};
use serde_json::value::RawValue;

use crate::{
    clock,
    core::{
        ask::{Ask, Deadline, Kind},
        intent::Create,
        outcome::Outcome,
        record::Record,
        trace::{self, Trace},
    },
    payload::{self, Invocation},
};

/// The task that an execution holds, and where its promise stands.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: Id,
    pub(crate) version: i64,
    /// The root of the tree.
    pub(crate) origin: String,
    pub(crate) timeout_at: Millis,
}

impl Held {
    /// The task of a promise at a version.
    pub(crate) fn new(promise: &PromiseRecord, version: i64) -> Self {
        let origin = promise.tags.get(tag::ORIGIN).unwrap_or(&promise.id).to_owned();
        Self { id: promise.id.clone(), version, origin, timeout_at: promise.timeout_at }
    }

    /// Creates a child, if the task is still held.
    pub(crate) fn create(&self, create: &Create, timeout_at: Millis) -> Request {
        let ask = &create.ask;
        let mut tags = ask.options.tags.clone();
        let mut put = |name: &str, value: &str| tags.insert(name.to_owned(), value.to_owned());
        put(tag::ORIGIN, &self.origin);
        put(tag::PARENT, &create.parent);
        // What runs here belongs to this task; everything else is a branch of its own.
        let local = ask.kind.is_local() || ask.kind == Kind::Marker;
        put(tag::BRANCH, if local { &self.id } else { &create.id });
        put(tag::SCOPE, if local { "local" } else { "global" });
        match ask.kind {
            Kind::Timer => drop(put(tag::TIMER, "true")),
            Kind::Promise => drop(put(tag::EXTERNAL, "true")),
            _ => {}
        }
        if let Some(target) = &ask.options.target {
            put(tag::TARGET, target);
        }
        let headers = BTreeMap::from([(trace::HEADER.to_owned(), create.trace.encode())]);
        let data = matches!(ask.kind, Kind::Call | Kind::Remote).then(|| invocation(ask));
        let create = PromiseCreate {
            id: (&*create.id).into(),
            timeout_at,
            param: Arc::new(Value { headers: Some(headers), data }),
            tags: Arc::new(Tags(tags)),
        };
        let action = CreateAction { corr_id: String::new(), create };
        self.fence(FenceAction::Create(action))
    }

    /// Settles a child, if the task is still held.
    pub(crate) fn settle(&self, id: &str, outcome: &Outcome) -> Request {
        let action = SettleAction { corr_id: String::new(), settle: settle(id, outcome) };
        self.fence(FenceAction::Settle(action))
    }

    fn fence(&self, action: FenceAction) -> Request {
        Request::TaskFence(TaskFence { id: self.id.clone(), version: self.version, action })
    }

    /// Settles the task's own promise.
    pub(crate) fn fulfill(&self, outcome: &Outcome) -> Request {
        let action = SettleAction { corr_id: String::new(), settle: settle(&self.id, outcome) };
        Request::TaskFulfill(TaskFulfill { id: self.id.clone(), version: self.version, action })
    }
}

/// Settles a promise.
pub(crate) fn settle(id: &str, outcome: &Outcome) -> PromiseSettle {
    let (state, value) = match outcome {
        Outcome::Resolved(value) => (SettleState::Resolved, payload::value(value)),
        Outcome::Rejected(value) => (SettleState::Rejected, payload::value(value)),
        Outcome::Canceled(value) => (SettleState::RejectedCanceled, payload::value(value)),
        // A timeout is the server's alone; it has settled the promise already.
        Outcome::TimedOut => (SettleState::RejectedCanceled, Arc::default()),
    };
    PromiseSettle { id: id.into(), state, value }
}

/// The promise at the root of an execution.
pub(crate) fn root(id: &str, ask: &Ask, target: &str) -> PromiseCreate {
    let mut tags = ask.options.tags.clone();
    for name in [tag::ORIGIN, tag::BRANCH, tag::PARENT] {
        tags.insert(name.to_owned(), id.to_owned());
    }
    tags.insert(tag::SCOPE.to_owned(), "global".to_owned());
    tags.insert(tag::TARGET.to_owned(), target.to_owned());
    PromiseCreate {
        id: id.into(),
        timeout_at: deadline(ask.options.deadline, clock::FOREVER),
        param: Arc::new(Value::of(invocation(ask))),
        tags: Arc::new(Tags(tags)),
    }
}

fn invocation(ask: &Ask) -> String {
    let args = RawValue::from_string(ask.args.to_string()).expect("arguments are JSON");
    let invocation = Invocation { func: ask.func.to_string(), args, version: ask.options.version };
    payload::data(&serde_json::to_string(&invocation).expect("it is made of JSON"))
}

/// When a promise times out: when it says, but not after its parent.
pub(crate) fn deadline(deadline: Option<Deadline>, parent: Millis) -> Millis {
    match deadline {
        None => parent,
        Some(Deadline::At(at)) => at.clamp(0, parent),
        Some(Deadline::After(span)) => clock::now().saturating_add(clock::span(span)).min(parent),
    }
}

/// How a promise ended, if it did.
pub(crate) fn outcome(promise: &PromiseRecord) -> Option<Outcome> {
    let value = || payload::read(&promise.value);
    Some(match promise.state {
        PromiseState::Pending => return None,
        PromiseState::Resolved => Outcome::Resolved(value()),
        PromiseState::Rejected => Outcome::Rejected(value()),
        PromiseState::RejectedCanceled => Outcome::Canceled(value()),
        PromiseState::RejectedTimedout => Outcome::TimedOut,
    })
}

/// The number of a child of `parent`, if the id is that of one.
pub(crate) fn ordinal(id: &str, parent: &str) -> Option<u32> {
    let number = id.strip_prefix(parent)?.strip_prefix([':', '.'])?;
    number.parse().ok()
}

/// A child's record, as the core wants it.
pub(crate) fn record(promise: &PromiseRecord, parent: &str) -> Option<Record> {
    let headers = promise.param.headers.as_ref();
    let trace = headers.and_then(|headers| headers.get(trace::HEADER));
    Some(Record {
        ordinal: ordinal(&promise.id, parent)?,
        trace: trace.and_then(|text| Trace::decode(text)),
        outcome: outcome(promise),
        settled_at: promise.settled_at.unwrap_or(0),
    })
}
