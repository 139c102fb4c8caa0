//! Requests, answers and messages in words, for traces.

use abide_protocol::{
    Body, FenceAction, Message, PromiseCreate, PromiseRecord, PromiseSettle, Request, Response,
    Status, Value,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Characters of a payload that are shown.
const SHOWN: usize = 60;

#[derive(Deserialize)]
struct Called<'a> {
    func: String,
    #[serde(borrow, default)]
    args: Option<&'a RawValue>,
}

/// The JSON text in a value, or what else is in it.
pub(super) fn text(value: &Value) -> Option<String> {
    let data = value.data.as_deref().filter(|data| !data.is_empty())?;
    let decoded = STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Some(decoded.unwrap_or_else(|| data.to_owned()))
}

/// What a promise was created for, as code: `charge(["order/1"])`.
pub(super) fn call(param: &Value) -> Option<(String, String)> {
    let text = text(param)?;
    let called: Called<'_> = serde_json::from_str(&text).ok()?;
    let args = called.args.map_or("[]", RawValue::get);
    let inner = args.strip_prefix('[').and_then(|args| args.strip_suffix(']')).unwrap_or(args);
    Some((called.func, inner.to_owned()))
}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn create(create: &PromiseCreate) -> String {
    let what = match call(&create.param) {
        Some((func, args)) => format!("{func}({})", short(&args)),
        None if create.tags.is_timer() => "a timer".to_owned(),
        None => "a promise".to_owned(),
    };
    let target = create.tags.get(abide_protocol::tag::TARGET);
    match target {
        Some(target) => format!("create {} = {what} for {target}", create.id),
        None => format!("create {} = {what}", create.id),
    }
}

fn settle(settle: &PromiseSettle) -> String {
    let value = text(&settle.value).unwrap_or_default();
    format!("settle {} {:?} {}", settle.id, settle.state, short(&value)).trim_end().to_owned()
}

/// A request, on one line.
pub(super) fn request(request: &Request) -> String {
    let kind = request.kind();
    match request {
        Request::PromiseCreate(data) => format!("{kind} {}", create(data)),
        Request::PromiseSettle(data) => format!("{kind} {}", settle(data)),
        Request::PromiseGet(data) => format!("{kind} {}", data.id),
        Request::PromiseRegisterListener(data) => format!("{kind} {}", data.awaited),
        Request::PromiseSearch(data) => {
            format!("{kind} after {}", data.cursor.as_deref().unwrap_or("the beginning"))
        }
        Request::TaskGet(data) => format!("{kind} {}", data.id),
        Request::TaskCreate(data) => format!("{kind} {}", create(&data.action.create)),
        Request::TaskAcquire(data) => format!("{kind} {} v{}", data.id, data.version),
        Request::TaskFence(data) => {
            let action = match &data.action {
                FenceAction::Create(action) => create(&action.create),
                FenceAction::Settle(action) => settle(&action.settle),
                FenceAction::Record(action) => {
                    format!("{}, {}", create(&action.create), settle(&action.settle))
                }
            };
            format!("{kind} {} v{}: {action}", data.id, data.version)
        }
        Request::TaskSuspend(data) => {
            let on: Vec<_> = data.actions.iter().map(|a| a.callback.awaited.as_str()).collect();
            format!("{kind} {} v{} on {}", data.id, data.version, short(&on.join(", ")))
        }
        Request::TaskFulfill(data) => {
            format!("{kind} {} v{}: {}", data.id, data.version, settle(&data.action.settle))
        }
        Request::TaskHeartbeat(data) => format!("{kind} for {} tasks", data.tasks.len()),
        Request::TaskRelease(data) => format!("{kind} {} v{}", data.id, data.version),
        Request::TaskHalt(data) => format!("{kind} {}", data.id),
        Request::TaskContinue(data) => format!("{kind} {}", data.id),
        _ => kind.to_string(),
    }
}

/// An answer, in a few words.
pub(super) fn response(response: &Response) -> String {
    let status = response.status.code();
    match (&response.body, response.status) {
        (Body::Error(why), _) => format!("{status} {}", short(why)),
        (Body::Claim { task, .. }, _) => format!("{status} {:?} v{}", task.state, task.version),
        (Body::Promise { promise }, _) => format!("{status} {:?}", promise.state),
        (Body::Task { task }, _) => format!("{status} {:?} v{}", task.state, task.version),
        (Body::Promises { promises, .. }, _) => format!("{status} {} promises", promises.len()),
        (Body::Fenced { action, .. }, _) => match action.response.promise() {
            Some(promise) => format!("{status} {:?}", promise.state),
            None => {
                let why = action.response.message().unwrap_or_default();
                format!("{status}, but {} {}", action.response.status.code(), short(why))
            }
        },
        (_, Status::Redirect) => format!("{status} go on"),
        _ => status.to_string(),
    }
}

/// A message, on one line.
pub(super) fn message(message: &Message) -> String {
    match message {
        Message::Execute { id, version } => format!("execute {id} v{version}"),
        Message::Unblock { promise } => format!("unblock {} {:?}", promise.id, promise.state),
    }
}

/// What a promise stands for, when nobody has settled it.
pub(super) fn promise(promise: &PromiseRecord) -> String {
    match call(&promise.param) {
        Some((func, args)) => format!("{} = {func}({})", promise.id, short(&args)),
        None if promise.tags.is_timer() => format!("{}, a timer", promise.id),
        None => format!("{}, a promise for somebody outside to settle", promise.id),
    }
}
