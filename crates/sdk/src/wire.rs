//! Promises and tasks of an execution, as requests and records.

use std::{borrow::Cow, sync::Arc};

use abide_protocol::{
    CreateAction, FenceAction, Headers, Id, Millis, PromiseCreate, PromiseRecord, PromiseSettle,
    PromiseState, RecordAction, Request, SettleAction, SettleState, Tags, TaskFence, TaskFulfill,
    Value, tag,
};

use crate::{
    clock,
    codec::{Layers, Part, Slot, Unreadable},
    core::{
        ask::{Ask, Deadline, Kind},
        cancellation::Cancellation,
        intent::{Cancel, Create},
        outcome::{Outcome, Payload},
        record::Record,
        trace::{self, Trace},
    },
    payload::Invocation,
    retry::Retry,
};

/// The header with the retry policy that the caller of a function chose.
const RETRY: &str = "abide:retry";

/// The task that an execution holds, and where its promise stands.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: Id,
    pub(crate) version: i64,
    /// The root of the tree.
    pub(crate) origin: String,
    pub(crate) timeout_at: Millis,
    /// What is added to the payloads it writes.
    pub(crate) layers: Layers,
    /// The tags of a child that is executed here and has none of its own, by its parent: those of
    /// its brothers are the same.
    last_tags: Option<(Arc<str>, Arc<Tags>)>,
}

impl Held {
    /// The task of a promise at a version.
    pub(crate) fn new(layers: &Layers, promise: &PromiseRecord, version: i64) -> Self {
        let origin = promise.tags.get(tag::ORIGIN).unwrap_or(&promise.id).to_owned();
        let (id, timeout_at) = (promise.id.clone(), promise.timeout_at);
        Self { id, version, origin, timeout_at, layers: layers.clone(), last_tags: None }
    }

    /// Creates a child, if the task is still held. `home` executes what names nobody else.
    pub(crate) fn create(
        &mut self,
        create: &Create,
        timeout_at: Millis,
        home: impl FnOnce() -> String,
    ) -> Request {
        let ask = &create.ask;
        let options = &ask.options;
        let plain = ask.kind.is_local() && options.tags.is_empty() && options.target.is_none();
        let like_the_last = self
            .last_tags
            .as_ref()
            .filter(|(parent, _)| plain && Arc::ptr_eq(parent, &create.parent));
        let tags = match like_the_last {
            Some((_, tags)) => tags.clone(),
            None => Arc::new(self.tags(create, home)),
        };
        if plain {
            self.last_tags = Some((create.parent.clone(), tags.clone()));
        }
        let id = create.id.clone().into();
        let param = Arc::new(self.param(create));
        let create = PromiseCreate { id, timeout_at, param, tags };
        self.fence(FenceAction::Create(CreateAction { corr_id: String::new(), create }))
    }

    fn tags(&self, create: &Create, home: impl FnOnce() -> String) -> Tags {
        let Ask { kind, options, .. } = &*create.ask;
        // What runs here belongs to this task; everything else is a branch of its own.
        let local = kind.is_local() || matches!(kind, Kind::Marker | Kind::Save);
        let timer = matches!(kind, Kind::Timer | Kind::Retry | Kind::Save | Kind::Marker);
        let goes_home = options.target.is_none() && matches!(kind, Kind::Remote | Kind::Detached);
        let home = goes_home.then(home);
        // In the order of their names, so that nothing is sorted where the caller has chosen none.
        let own = [
            // What is detached outlives whoever made it; everything else ends with its owner.
            (tag::OWNER, (*kind != Kind::Detached).then_some(&*create.parent)),
            (tag::BRANCH, Some(if local { &*self.id } else { &*create.id })),
            (tag::EXTERNAL, (*kind == Kind::Promise).then_some("true")),
            (tag::ORIGIN, Some(&*self.origin)),
            (tag::PARENT, Some(&*create.parent)),
            (tag::SCOPE, Some(if local { "local" } else { "global" })),
            (tag::TARGET, options.target.as_deref().or(home.as_deref())),
            (tag::TIMER, timer.then_some("true")),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let chosen = options.tags.iter().map(|(name, value)| (&**name, &**value));
        chosen.chain(own).collect()
    }

    /// What a child is created with: what it asks for, and its trace.
    fn param(&self, create: &Create) -> Value {
        let slot = Slot { promise: &create.id, part: Part::Param };
        let json = content(&create.ask);
        let mut param = json.map_or_else(Value::default, |json| self.layers.write(slot, &json));
        let headers = param.headers.get_or_insert_default();
        // A hash of short arguments tells what they are.
        match self.layers.hide(&create.id, create.trace.identity.fingerprint) {
            Some((name, hidden)) => {
                headers.insert(&name, &hidden);
                let mut trace = create.trace.clone();
                trace.identity.fingerprint = 0;
                headers.insert(trace::HEADER, &trace.encode());
            }
            None => headers.insert(trace::HEADER, &create.trace.encode()),
        }
        send_retry(&create.ask, &mut param);
        param
    }

    /// Cancels a child, if the task is still held.
    pub(crate) fn cancel(&self, cancel: &Cancel) -> Request {
        let headers = Headers::from_iter([(trace::HEADER, cancel.trace.encode())]);
        let settle = PromiseSettle {
            id: (&*cancel.id).into(),
            state: SettleState::RejectedCanceled,
            value: Arc::new(Value { headers: Some(headers), data: None }),
        };
        self.fence(FenceAction::Settle(SettleAction { corr_id: String::new(), settle }))
    }

    /// Creates a child and settles it, if the task is still held: out of the request that would only
    /// create it.
    pub(crate) fn record(&self, create: CreateAction, settle: PromiseSettle) -> Request {
        let CreateAction { corr_id, create } = create;
        self.fence(FenceAction::Record(RecordAction { corr_id, create, settle }))
    }

    /// Settles a child, if the task is still held.
    pub(crate) fn settle(&self, settle: PromiseSettle) -> Request {
        self.fence(FenceAction::Settle(SettleAction { corr_id: String::new(), settle }))
    }

    fn fence(&self, action: FenceAction) -> Request {
        Request::TaskFence(TaskFence { id: self.id.clone(), version: self.version, action })
    }

    /// Settles the task's own promise.
    pub(crate) fn fulfill(&self, settle: PromiseSettle) -> Request {
        let action = SettleAction { corr_id: String::new(), settle };
        Request::TaskFulfill(TaskFulfill { id: self.id.clone(), version: self.version, action })
    }
}

/// Settles a promise.
pub(crate) fn settle(layers: &Layers, id: Id, outcome: &Outcome) -> PromiseSettle {
    let value = |part, payload| layers.value(Slot { promise: &id, part }, payload);
    let (state, value) = match outcome {
        Outcome::Resolved(payload) => (SettleState::Resolved, value(Part::Resolved, payload)),
        Outcome::Rejected(payload) => (SettleState::Rejected, value(Part::Rejected, payload)),
        Outcome::Canceled(payload) => {
            (SettleState::RejectedCanceled, value(Part::Canceled, payload))
        }
        // A timeout is the server's alone; it has settled the promise already. So has somebody
        // what cannot be read.
        Outcome::TimedOut | Outcome::Unreadable(_) => {
            (SettleState::RejectedCanceled, Arc::default())
        }
    };
    PromiseSettle { id, state, value }
}

/// The promise at the root of an execution.
pub(crate) fn root(layers: &Layers, id: &str, ask: &Ask, target: &str) -> PromiseCreate {
    let mut tags = ask.options.tags.clone();
    for name in [tag::ORIGIN, tag::BRANCH, tag::PARENT] {
        tags.insert(name.to_owned(), id.to_owned());
    }
    tags.insert(tag::SCOPE.to_owned(), "global".to_owned());
    tags.insert(tag::TARGET.to_owned(), target.to_owned());
    let slot = Slot { promise: id, part: Part::Param };
    let mut param = layers.write(slot, &Invocation::json_of(ask));
    send_retry(ask, &mut param);
    PromiseCreate {
        id: id.into(),
        timeout_at: deadline(ask.options.deadline, clock::FOREVER),
        param: Arc::new(param),
        tags: Arc::new(Tags::from_iter(tags)),
    }
}

/// Tells whoever executes a call how its caller wants it retried.
pub(crate) fn send_retry(ask: &Ask, param: &mut Value) {
    if let (Some(retry), true) = (&ask.options.retry, ask.options.retry_chosen) {
        param.headers.get_or_insert_default().insert(RETRY, &retry.encode());
    }
}

/// How the caller wants a call retried, if it said so.
pub(crate) fn sent_retry(promise: &PromiseRecord) -> Option<Retry> {
    Retry::decode(promise.param.headers.as_ref()?.get(RETRY)?)
}

/// The JSON text that a child is created with.
fn content(ask: &Ask) -> Option<Cow<'_, str>> {
    match ask.kind {
        Kind::Call | Kind::Remote | Kind::Detached => Some(Invocation::json_of(ask).into()),
        Kind::Save | Kind::Retry => Some((&*ask.args).into()),
        _ => None,
    }
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
pub(crate) fn outcome(layers: &Layers, promise: &PromiseRecord) -> Option<Outcome> {
    let value = |part, outcome: fn(Payload) -> Outcome| {
        let value = layers.read(Slot { promise: &promise.id, part }, &promise.value);
        value.map_or_else(Outcome::Unreadable, outcome)
    };
    Some(match promise.state {
        PromiseState::Pending => return None,
        PromiseState::Resolved => value(Part::Resolved, Outcome::Resolved),
        PromiseState::Rejected => value(Part::Rejected, Outcome::Rejected),
        PromiseState::RejectedCanceled => value(Part::Canceled, Outcome::Canceled),
        PromiseState::RejectedTimedout => Outcome::TimedOut,
    })
}

/// How a promise ended that was to end so, by this value: what was sent need not be read.
pub(crate) fn settled(
    layers: &Layers,
    promise: &PromiseRecord,
    sent: &Arc<Value>,
    wanted: Outcome,
) -> Outcome {
    let state = match wanted {
        Outcome::Resolved(_) => Some(PromiseState::Resolved),
        Outcome::Rejected(_) => Some(PromiseState::Rejected),
        _ => None,
    };
    if state == Some(promise.state) && promise.value == *sent {
        return wanted;
    }
    outcome(layers, promise).unwrap_or(wanted)
}

/// The number of a child of `parent`, if the id is that of one.
pub(crate) fn ordinal(id: &str, parent: &str) -> Option<u32> {
    let number = id.strip_prefix(parent)?.strip_prefix([':', '.'])?;
    number.parse().ok()
}

/// What a scope left behind when it canceled a child of its own.
pub(crate) fn canceled(promise: &PromiseRecord) -> Option<Cancellation> {
    if promise.state != PromiseState::RejectedCanceled {
        return None;
    }
    let headers = promise.value.headers.as_ref()?;
    headers.get(trace::HEADER).and_then(Cancellation::decode)
}

/// A child's record, as the core wants it; `None` if it is no child.
pub(crate) fn record(
    layers: &Layers,
    promise: &PromiseRecord,
    parent: &str,
) -> Result<Option<Record>, Unreadable> {
    let Some(ordinal) = ordinal(&promise.id, parent) else { return Ok(None) };
    let headers = promise.param.headers.as_ref();
    let trace = headers.and_then(|headers| headers.get(trace::HEADER));
    let mut trace = trace.and_then(Trace::decode);
    if let (Some(trace), Some(hidden)) = (&mut trace, layers.reveal(&promise.id, &promise.param)?) {
        trace.identity.fingerprint = hidden;
    }
    let saved = trace.as_ref().is_some_and(|trace| trace.identity.kind == Kind::Save);
    let slot = Slot { promise: &promise.id, part: Part::Param };
    Ok(Some(Record {
        ordinal,
        trace,
        state: if saved { layers.read(slot, &promise.param)? } else { None },
        outcome: outcome(layers, promise),
        settled_at: promise.settled_at.unwrap_or(0),
        canceled: canceled(promise),
    }))
}
