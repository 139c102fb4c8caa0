//! A link that a process uses until it crashes.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use abide_client::{Link, LinkFuture, Messages, NodeLink};
use abide_node::{Config, Node};
use abide_protocol::{Extensions, Request};
use abide_store::MemoryStore;
use tokio::sync::Notify;

use crate::Abide;

/// An engine that outlives the processes that use it.
pub(super) async fn engine() -> Node {
    Node::open(Arc::new(MemoryStore::new()), Config::default()).await.unwrap()
}

/// A process.
pub(super) struct Process {
    pub(super) abide: Abide,
    pub(super) link: Arc<Mortal>,
}

/// The link of a process that dies with one of its requests.
pub(super) struct Mortal {
    link: NodeLink,
    /// Writes until then.
    left: AtomicI64,
    /// Whether the last one still takes effect.
    carried_out: bool,
    pub(super) dead: Notify,
    pub(super) writes: AtomicI64,
    pub(super) reads: AtomicI64,
}

impl Process {
    /// A process that crashes with its `writes`th write, before or after it takes effect.
    pub(super) async fn start(node: &Node, writes: i64, carried_out: bool) -> Self {
        let link = NodeLink::new(node.clone());
        // The process before is dead: its leases need not run out.
        crate::open::release_all(&link).await.unwrap();
        let link = Arc::new(Mortal {
            link,
            left: AtomicI64::new(writes),
            carried_out,
            dead: Notify::new(),
            writes: AtomicI64::new(0),
            reads: AtomicI64::new(0),
        });
        Self { abide: Abide::new(link.clone()).unwrap(), link }
    }
}

fn is_write(request: &Request) -> bool {
    matches!(
        request,
        Request::TaskCreate(_)
            | Request::TaskFence(_)
            | Request::TaskSuspend(_)
            | Request::TaskFulfill(_)
            | Request::TaskReclaim(_)
            | Request::PromiseCreate(_)
    )
}

impl Link for Mortal {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        if !is_write(&request) {
            self.reads.fetch_add(1, Ordering::Relaxed);
            return self.link.call(request);
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            2.. => self.link.call(request),
            1 => Box::pin(async move {
                if self.carried_out {
                    let _ = self.link.call(request).await;
                }
                self.dead.notify_one();
                std::future::pending().await
            }),
            _ => Box::pin(std::future::pending()),
        }
    }

    fn extensions(&self) -> Extensions {
        // Batches, too: their requests are made one by one here, since they are counted.
        self.link.extensions()
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}
