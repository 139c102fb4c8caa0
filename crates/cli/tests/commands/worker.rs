//! A worker that speaks the bare protocol, so that the tests need no SDK.

use std::{sync::Arc, thread::JoinHandle};

use abide_client::{HttpLink, Link};
use abide_protocol::{
    CreateAction, FenceAction, Id, Message, PromiseCreate, PromiseSettle, Request, Response,
    SettleAction, SettleState, Status, Tags, TaskAcquire, TaskFence, TaskFulfill, Value,
};
use tokio::sync::oneshot;

/// base64 of JSON, as every SDK writes payloads.
pub fn payload(json: &str) -> Arc<Value> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    Arc::new(Value::of(STANDARD.encode(json)))
}

/// A worker of a group, on a thread of its own until it is dropped. It executes one child call
/// `ID:1` (`half()`, which gives 21) for each task, and fulfils the task with what `fulfil` says.
pub struct Worker {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a task comes out.
pub type Outcome = (SettleState, &'static str);

impl Worker {
    pub fn start(url: &str, group: &'static str, outcome: Outcome) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let link = HttpLink::new(url).expect("the URL is good");
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                let mut messages = link.connect(group, "w1");
                loop {
                    tokio::select! {
                        message = messages.next() => match message {
                            Some(Message::Execute { id, version }) => {
                                execute(&link, id, version, outcome).await;
                            }
                            Some(_) => {}
                            None => return,
                        },
                        _ = &mut stopped => return,
                    }
                }
            });
        });
        Worker { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub async fn ask(link: &HttpLink, request: Request) -> Response {
    link.call(request).await.expect("the server answers")
}

/// Acquires a task; `None` when somebody else has.
pub async fn acquire(link: &HttpLink, id: &Id, version: i64) -> Option<i64> {
    let request =
        TaskAcquire { id: id.clone(), version, pid: "w1".into(), ttl: 60_000, resumed: false };
    let response = ask(link, Request::TaskAcquire(request)).await;
    (response.status == Status::Ok).then(|| response.task().expect("a claim").version)
}

async fn execute(link: &HttpLink, id: Id, version: i64, (state, value): Outcome) {
    let Some(version) = acquire(link, &id, version).await else { return };
    let child = Id::from(format!("{id}:1"));
    let tags = [
        ("resonate:scope", "local"),
        ("resonate:origin", &id),
        ("resonate:branch", &id),
        ("resonate:parent", &id),
    ];
    let create = PromiseCreate {
        id: child.clone(),
        timeout_at: i64::MAX,
        param: payload(r#"{"func":"half","args":[]}"#),
        tags: Arc::new(tags.into_iter().collect::<Tags>()),
    };
    let settle = PromiseSettle { id: child, state: SettleState::Resolved, value: payload("21") };
    let actions = [
        FenceAction::Create(CreateAction { corr_id: "1".into(), create }),
        FenceAction::Settle(SettleAction { corr_id: "2".into(), settle }),
    ];
    for action in actions {
        let response =
            ask(link, Request::TaskFence(TaskFence { id: id.clone(), version, action })).await;
        assert_eq!(response.status, Status::Ok, "{response:?}");
    }
    let settle = PromiseSettle { id: id.clone(), state, value: payload(value) };
    let action = SettleAction { corr_id: "3".into(), settle };
    let response = ask(link, Request::TaskFulfill(TaskFulfill { id, version, action })).await;
    assert_eq!(response.status, Status::Ok, "{response:?}");
}
