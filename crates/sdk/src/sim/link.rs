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

/// What came of requests.
pub(super) enum Outcome {
    /// The answers, in order.
    Answered(Vec<Response>),
    /// The engine does not take them so any more: nothing was carried out.
    TurnedBack,
    /// It is unknown.
    Lost,
}

/// What was asked for and is not answered.
#[derive(Default)]
struct Pending {
    wanted: Vec<Wanted>,
    replies: BTreeMap<u64, oneshot::Sender<Outcome>>,
    /// What is to be recorded by the requests of each number, by their places.
    records: BTreeMap<u64, Vec<(usize, RecordAction)>>,
    last: u64,
    messages: Option<mpsc::Sender<Message>>,
    /// What the engine is known to offer.
    extensions: Extensions,
}

/// The link of one life of a process.
#[derive(Default)]
pub(super) struct SimLink(Mutex<Pending>);

impl SimLink {
    /// The engine is found to offer this, from now on.
    pub(super) fn offers(&self, extensions: Extensions) {
        self.pending().extensions = extensions;
    }

    fn extensions(&self) -> Extensions {
        self.pending().extensions
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// This came of requests.
    pub(super) fn answered(&self, number: u64, outcome: Outcome) {
        let reply = self.pending().replies.remove(&number);
        if let Some(reply) = reply {
            // Whoever has stopped waiting needs no answer.
            let _ = reply.send(outcome);
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

    /// Makes requests; the answers, if the engine still takes them so.
    async fn send(&self, requests: Vec<Request>) -> Result<Option<Vec<Response>>, LinkError> {
        if requests.is_empty() {
            return Ok(Some(Vec::new()));
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
            Ok(Outcome::Answered(answers)) => Ok(Some(answers)),
            Ok(Outcome::TurnedBack) => Ok(None),
            Ok(Outcome::Lost) => {
                Err(LinkError::Interrupted { url: "simulation".into(), reason: "lost".into() })
            }
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
            let responses = self.0.send(vec![request]).await?;
            let response = responses.and_then(|mut responses| responses.pop());
            Ok(response.expect("one answer for one request"))
        })
    }

    fn extensions(&self) -> Extensions {
        self.0.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            let offered = self.extensions();
            if !offered.batch() {
                return one_by_one(self, requests, offered).await;
            }
            match self.0.send(requests.to_vec()).await? {
                Some(answers) => Ok(answers),
                None => one_by_one(self, requests, Extensions::none()).await,
            }
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut pending = self.0.pending();
        pending.messages = Some(sender);
        pending.wanted.push(Wanted::Connect { group: group.to_owned(), id: id.to_owned() });
        Messages::from_channel(receiver)
    }
}
