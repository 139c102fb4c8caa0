//! What an execution awaits is settled while it is suspended, and more of it than the engine tells.

use std::{sync::Arc, time::Duration};

use abide_client::{BatchFuture, Link, LinkFuture, Messages, NodeLink};
use abide_node::{Config, Node, Timing};
use abide_protocol::{Extensions, Message, Request, TaskGet, TaskState};
use abide_store::MemoryStore;
use tokio::sync::{Notify, mpsc};

use crate::prelude::*;

/// Messages on their way to the process.
const QUEUE: usize = 64;

/// Long enough for the process to listen to what it awaits meanwhile.
const BUSY: Duration = Duration::from_millis(200);

/// The link of a process that acquires what is resumed only when it may.
struct Gate {
    link: NodeLink,
    may_acquire: Notify,
    /// A listener was told of something.
    heard: Arc<Notify>,
}

impl Link for Gate {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        self.link.call(request)
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        let resumed =
            |request: &Request| matches!(request, Request::TaskAcquire(a) if a.version > 0);
        Box::pin(async move {
            if requests.iter().any(resumed) {
                self.may_acquire.notified().await;
            }
            self.link.batch(requests).await
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let mut messages = self.link.connect(group, id);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let heard = self.heard.clone();
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                let tells = matches!(message, Message::Unblock { .. });
                if sender.send(message).await.is_err() {
                    return;
                }
                if tells {
                    heard.notify_one();
                }
            }
        });
        Messages::from_channel(receiver)
    }
}

async fn is_suspended(link: &NodeLink, id: &str) -> bool {
    let response = link.call(Request::TaskGet(TaskGet { id: id.into() })).await.unwrap();
    response.task().is_some_and(|task| task.state == TaskState::Suspended)
}

#[durable]
async fn busy() -> Result<()> {
    tokio::time::sleep(BUSY).await;
    Ok(())
}

/// The first promise is listened to, since the execution is busy meanwhile; the second is not.
#[durable]
async fn both() -> Result<u64> {
    let first = promise::<u64>();
    let second = async {
        busy().await?;
        promise::<u64>().await
    };
    let (first, second) = futures_util::future::try_join(first, second).await?;
    Ok(first + second)
}

#[tokio::test]
async fn what_the_engine_has_not_told_is_asked_for() {
    let timing = Timing { preload_limit: 1, ..Timing::default() };
    let config = Config { timing, ..Config::default() };
    let node = Node::open(Arc::new(MemoryStore::new()), config).await.unwrap();
    let link = Arc::new(Gate {
        link: NodeLink::new(node.clone()),
        may_acquire: Notify::new(),
        heard: Arc::default(),
    });
    let outside = Abide::new(Arc::new(NodeLink::new(node))).unwrap().group("outside");
    let worker = Abide::new(link.clone()).unwrap();
    let execution = worker.start("both", both()).await.unwrap();
    while !is_suspended(&link.link, "both").await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Both have woken it, and the engine tells of one.
    outside.get::<u64>("both:1").resolve(&1).await.unwrap();
    outside.get::<u64>("both:3").resolve(&2).await.unwrap();
    link.heard.notified().await;
    link.may_acquire.notify_one();
    let ended = tokio::time::timeout(Duration::from_secs(30), execution).await;
    assert_eq!(ended.expect("it sleeps for ever").unwrap(), 3);
}
