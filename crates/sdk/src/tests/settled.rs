//! What an execution awaits is settled here while the engine is asked to suspend it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use abide_client::{BatchFuture, Link, LinkError, LinkFuture, Messages, NodeLink};
use abide_node::{Config, Node};
use abide_protocol::{
    Extensions, Id, PromiseSettle, Request, Response, SettleState, Status, Value,
};
use abide_store::MemoryStore;

use crate::prelude::*;

/// Long enough for the process to listen to what it awaits meanwhile.
const BUSY: Duration = Duration::from_millis(200);

/// The link to an engine that forgets how to suspend, once, and takes its time to say so.
struct Forgetful {
    link: NodeLink,
    forgot: AtomicBool,
    /// What the execution listens to.
    awaited: Mutex<Option<Id>>,
}

impl Forgetful {
    /// Settles what the execution listens to, and lets it hear of that.
    async fn settle(&self) -> Result<(), LinkError> {
        let awaited = self.awaited.lock().unwrap().clone().expect("it listens");
        self.link.call(settled(awaited)).await?;
        tokio::time::sleep(BUSY).await;
        Ok(())
    }
}

impl Link for Forgetful {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        self.link.call(request)
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            for request in requests {
                if let Request::PromiseRegisterListener(listener) = request {
                    *self.awaited.lock().unwrap() = Some(listener.awaited.clone());
                }
            }
            let [before @ .., Request::TaskSuspend(_)] = requests else {
                return self.link.batch(requests).await;
            };
            if self.forgot.swap(true, Ordering::Relaxed) {
                return self.link.batch(requests).await;
            }
            let mut answers = match before {
                [] => Vec::new(),
                some => self.link.batch(some).await?,
            };
            self.settle().await?;
            answers.push(Response::error(Status::NotImplemented, "it is not known any more"));
            Ok(answers)
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

fn settled(id: Id) -> Request {
    let value = Value { headers: None, data: Some("Nw==".into()) };
    Request::PromiseSettle(PromiseSettle {
        id,
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
        awaited: Mutex::default(),
    });
    let worker = Abide::new(link.clone()).unwrap();
    let execution = worker.start("settled", outside_and_rest()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), execution).await;
    assert_eq!(ended.expect("it sleeps for ever").unwrap(), 7);
    assert!(link.forgot.load(Ordering::Relaxed));
}
