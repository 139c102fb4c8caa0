//! The way of a simulated process to the engine.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use abide_client::{BatchFuture, Link, LinkError, LinkFuture, Messages, one_by_one};
use abide_protocol::{
    Body, Extensions, FenceAction, Message, PromiseRecord, RecordAction, Request, Response,
    TaskFence,
};
use tokio::sync::{mpsc, oneshot};

/// Messages that wait for a process at most; further ones are lost.
const WAITING: usize = 4_096;

/// What a process wants done.
#[derive(Debug)]
pub enum Wanted {
    /// Requests to carry out in their order, in one message.
    Requests {
        /// The number to answer them by.
        number: u64,
        /// The requests.
        requests: Vec<Request>,
    },
    /// To be a member of a group from now on.
    Connect {
        /// The group.
        group: String,
        /// The name of the process within it.
        id: String,
    },
}

type Reply = oneshot::Sender<Result<Vec<Response>, LinkError>>;

/// What was asked for and is not answered.
#[derive(Default)]
struct Pending {
    wanted: Vec<Wanted>,
    replies: BTreeMap<u64, Reply>,
    /// What is to be recorded by the requests of each number, by their places.
    records: BTreeMap<u64, Vec<(usize, RecordAction)>>,
    last: u64,
    messages: Option<mpsc::Sender<Message>>,
}

/// The link of one life of a process.
pub(super) struct SimLink {
    extensions: Extensions,
    pending: Mutex<Pending>,
}

impl SimLink {
    pub(super) fn new(extensions: Extensions) -> Arc<Self> {
        Arc::new(Self { extensions, pending: Mutex::default() })
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is wanted.
    pub(super) fn wants(&self) -> Vec<Wanted> {
        std::mem::take(&mut self.pending().wanted)
    }

    /// The promises that are as they were asked for by the answers, which do not tell of them.
    pub(super) fn recorded(&self, number: u64, answers: &[Response]) -> Vec<Arc<PromiseRecord>> {
        let records = self.pending().records.remove(&number).unwrap_or_default();
        let as_asked =
            |place: usize| answers.get(place).is_some_and(|it| it.body == (Body::Empty {}));
        let records = records.into_iter().filter(|(place, _)| as_asked(*place));
        let records = records.map(|(_, RecordAction { create, settle, .. })| PromiseRecord {
            id: create.id,
            state: settle.state.into(),
            param: create.param,
            value: settle.value,
            tags: create.tags,
            timeout_at: create.timeout_at,
            // That, only the engine knows.
            created_at: 0,
            settled_at: Some(0),
        });
        records.map(Arc::new).collect()
    }

    /// Requests are answered, or it is unknown what came of them.
    pub(super) fn answered(&self, number: u64, answers: Option<Vec<Response>>) {
        let reply = self.pending().replies.remove(&number);
        let lost = || LinkError::Interrupted { url: "simulation".into(), reason: "lost".into() };
        if let Some(reply) = reply {
            // Whoever has stopped waiting needs no answer.
            let _ = reply.send(answers.ok_or_else(lost));
        }
    }

    /// A message has come.
    pub(super) fn message(&self, message: Message) {
        let sender = self.pending().messages.clone();
        if let Some(sender) = sender {
            // What does not fit is lost, as on any other way.
            let _ = sender.try_send(message);
        }
    }

    async fn send(&self, requests: Vec<Request>) -> Result<Vec<Response>, LinkError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        {
            let mut pending = self.pending();
            pending.last += 1;
            let number = pending.last;
            pending.replies.insert(number, reply);
            pending.records.insert(number, records(&requests));
            pending.wanted.push(Wanted::Requests { number, requests });
        }
        match answer.await {
            Ok(answer) => answer,
            Err(_) => std::future::pending().await,
        }
    }
}

/// What requests are to record, and which of them.
fn records(requests: &[Request]) -> Vec<(usize, RecordAction)> {
    let record = |(place, request): (usize, &Request)| match request {
        Request::TaskFence(TaskFence { action: FenceAction::Record(action), .. }) => {
            Some((place, action.clone()))
        }
        _ => None,
    };
    requests.iter().enumerate().filter_map(record).collect()
}

/// The link as a process holds it.
pub(super) struct Shared(pub(super) Arc<SimLink>);

impl Link for Shared {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move {
            let mut responses = self.0.send(vec![request]).await?;
            Ok(responses.pop().expect("one answer for one request"))
        })
    }

    fn extensions(&self) -> Extensions {
        self.0.extensions
    }

    fn batch(&self, requests: Vec<Request>) -> BatchFuture<'_> {
        if self.0.extensions.batch() {
            return Box::pin(self.0.send(requests));
        }
        Box::pin(one_by_one(self, requests))
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut pending = self.0.pending();
        pending.messages = Some(sender);
        pending.wanted.push(Wanted::Connect { group: group.to_owned(), id: id.to_owned() });
        Messages::from_channel(receiver)
    }
}
