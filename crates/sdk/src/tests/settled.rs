//! What an execution awaits is settled here while the engine is asked to suspend it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use abide_client::{BatchFuture, Link, LinkFuture, Messages, NodeLink};
use abide_node::{Config, Node};
use abide_protocol::{
    Extensions, PromiseSettle, RegisterListener, Request, Response, SettleState, Status, Value,
};
use abide_store::MemoryStore;
use tokio::sync::Notify;

use crate::prelude::*;

/// Long enough for the process to listen to what it awaits meanwhile.
const BUSY: Duration = Duration::from_millis(200);

/// The link to an engine that forgets how to suspend, once, and takes its time to say so.
struct Forgetful {
    link: NodeLink,
    forgot: AtomicBool,
    /// It was asked to suspend the execution.
    asked: Notify,
    /// It has said that what the execution awaits is settled.
    told: Notify,
}

impl Link for Forgetful {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        self.link.call(request)
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch(&self, mut requests: Vec<Request>) -> BatchFuture<'_> {
        Box::pin(async move {
            if let [Request::PromiseRegisterListener(listener)] = &*requests {
                self.asked.notified().await;
                self.link.call(settled(listener)).await?;
                let answers = self.link.batch(requests).await;
                self.told.notify_one();
                return answers;
            }
            let suspends = matches!(requests.last(), Some(Request::TaskSuspend(_)));
            if !suspends || self.forgot.swap(true, Ordering::Relaxed) {
                return self.link.batch(requests).await;
            }
            requests.pop();
            let mut answers = match requests.is_empty() {
                true => Vec::new(),
                false => self.link.batch(requests).await?,
            };
            self.asked.notify_one();
            self.told.notified().await;
            // The execution takes in what it was told before it hears of this.
            tokio::time::sleep(BUSY).await;
            answers.push(Response::error(Status::NotImplemented, "it is not known any more"));
            Ok(answers)
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

fn settled(listener: &RegisterListener) -> Request {
    let value = Value { headers: None, data: Some("Nw==".into()) };
    Request::PromiseSettle(PromiseSettle {
        id: listener.awaited.clone(),
        state: SettleState::Resolved,
        value: Arc::new(value),
    })
}

#[durable]
async fn rest() -> Result<()> {
    tokio::time::sleep(BUSY).await;
    Ok(())
}

#[durable]
async fn outside_and_rest() -> Result<u64> {
    let (outside, ()) = futures_util::future::try_join(promise::<u64>(), rest()).await?;
    Ok(outside)
}

#[tokio::test]
async fn nothing_is_asked_for_where_nothing_is_awaited_any_more() {
    let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await.unwrap();
    let link = Arc::new(Forgetful {
        link: NodeLink::new(node),
        forgot: AtomicBool::new(false),
        asked: Notify::new(),
        told: Notify::new(),
    });
    let worker = Abide::new(link.clone(), true).unwrap();
    let execution = worker.start("settled", outside_and_rest()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), execution).await;
    assert_eq!(ended.expect("it sleeps for ever").unwrap(), 7);
    assert!(link.forgot.load(Ordering::Relaxed));
}
