use std::sync::Arc;

use abide_protocol::{Extensions, Millis, Request, Response};
use abide_store::{Error, Store};

use crate::{
    asked::Asked,
    config::Config,
    group::Group,
    push::Pushes,
    shared::Shared,
    state::{Opener, State, unavailable},
    subscription::Subscription,
    sync::{oneshot, planted, thread},
    then::Then,
    timer, writer,
};

/// Why a node could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store cannot be opened, or belongs to somebody else.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] Error),
    /// The operating system gives no thread.
    #[error("its threads cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running shard over a store. Clones are the same node; it closes when the last of them is
/// dropped, or by [`close`](Self::close).
///
/// ```
/// use std::sync::Arc;
///
/// use abide_node::{Config, Node};
/// use abide_protocol::{Envelope, Status};
/// use abide_store::MemoryStore;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await?;
/// let envelope = br#"{
///     "kind": "promise.create",
///     "head": {"corrId": "1", "version": "2026-04-01"},
///     "data": {"id": "order-7", "timeoutAt": 9000000000000}
/// }"#;
/// let request = Envelope::from_json(envelope).unwrap().request;
/// assert_eq!(node.call(request).await.status, Status::Ok);
/// node.close().await;
/// # Ok::<(), abide_node::OpenError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Node {
    handle: Arc<Handle>,
}

/// Closes the node when nobody holds it any more.
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.drive(State::close);
    }
}

impl Node {
    /// Opens a node over a store. Everything that was pending is pending again.
    ///
    /// A store that has failed takes no more commits, so a node opened like this then answers 503
    /// until it is restarted; [`open_with`](Self::open_with) recovers.
    ///
    /// # Errors
    /// When the store belongs to somebody else or cannot be read.
    pub async fn open(store: Arc<dyn Store>, config: Config) -> Result<Self, OpenError> {
        Self::open_with(move || Ok(store.clone()), config).await
    }

    /// Opens a node over the store that `opener` opens. When that store fails, it is dropped and
    /// another one is opened.
    ///
    /// # Errors
    /// When the store cannot be opened, belongs to somebody else or cannot be read.
    pub async fn open_with(
        opener: impl Fn() -> Result<Arc<dyn Store>, Error> + Send + Sync + 'static,
        config: Config,
    ) -> Result<Self, OpenError> {
        let opener: Opener = Arc::new(opener);
        let opened = writer::open(&opener, &config)?;
        let debug = config.debug;
        let shared = Shared::new(config, || State::new(opened, opener, debug));
        // If one of the threads cannot be started, this ends the other.
        let node = Node { handle: Arc::new(Handle { shared: shared.clone() }) };
        for (name, run) in [("abide-writer", writer::run as fn(&_)), ("abide-timer", timer::run)] {
            let shared = shared.clone();
            thread::Builder::new().name(name.into()).spawn(move || run(&shared))?;
        }
        shared.drive(|_| {});
        Ok(node)
    }

    /// Carries a request out. What the answer tells is durable. A 503 says that the store has
    /// failed or the node is closing: whether the request was carried out is then unknown.
    pub async fn call(&self, request: Request) -> Response {
        self.call_at(request, None).await
    }

    /// The same at a time of the caller's choice, if the debug surface is served.
    pub async fn call_at(&self, request: Request, debug_time: Option<Millis>) -> Response {
        let (asked, answer) = Asked::new(request, debug_time);
        self.call_each([asked]).await;
        answer.await
    }

    /// Carries out what several callers ask for, each by itself: it is taken in together, which takes
    /// much less than taking in one after the other. The answers go to the callers.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use abide_node::{Asked, Config, Node};
    /// use abide_protocol::{PromiseGet, Request, Status};
    /// use abide_store::MemoryStore;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await?;
    /// let get = |id: &str| Request::PromiseGet(PromiseGet { id: id.into() });
    /// let (first, its_answer) = Asked::new(get("order-7"), None);
    /// let (second, _) = Asked::new(get("order-8"), None);
    /// node.call_each([first, second]).await;
    /// assert_eq!(its_answer.await.status, Status::NotFound);
    /// # Ok::<(), abide_node::OpenError>(())
    /// # }).unwrap();
    /// ```
    pub async fn call_each(
        &self,
        asked: impl IntoIterator<Item = Asked, IntoIter: ExactSizeIterator>,
    ) {
        let (shared, asked) = (&self.handle.shared, asked.into_iter());
        // Of several, each waits for the others: the writer writes, and they have the thread meanwhile.
        let alone = usize::from(asked.len() == 1);
        shared.give_way().await;
        let ((), lonely) = shared.drive_calls(alone, |state| state.call_each(asked));
        if let Some(lonely) = lonely {
            lonely.write().await;
        }
    }

    /// Carries requests out in their order: each takes effect after the one before it, and none is
    /// waited for in between. The answers come in the same order, when all that they tell is
    /// durable. After a request that the node had no room for (429, 503) the rest is not taken in
    /// either, and answered alike, so that what follows never takes effect without it.
    ///
    /// All requests are taken in at once, or none if the future is dropped before: what is taken in
    /// takes effect even if nobody waits for the answers.
    pub async fn call_all(&self, requests: Vec<(Request, Option<Millis>)>) -> Vec<Response> {
        let count = requests.len();
        let (sender, answers) = oneshot::channel();
        self.call_all_then(requests, move |answers| drop(sender.send(answers))).await;
        let closed = || unavailable("the node is closed");
        answers.await.unwrap_or_else(|_| std::iter::repeat_with(closed).take(count).collect())
    }

    /// The same, with what is done with the answers. It is done by the thread that has made durable what
    /// the last of them tells, so it must not block.
    pub async fn call_all_then(
        &self,
        requests: Vec<(Request, Option<Millis>)>,
        then: impl FnOnce(Vec<Response>) + Send + 'static,
    ) {
        let shared = &self.handle.shared;
        let count = requests.len();
        if count == 0 {
            return then(Vec::new());
        }
        shared.give_way().await;
        let group = Group::new(count, Then::new(then));
        let ((), lonely) = shared.drive_calls(count, |state| state.call_all(requests, &group));
        drop(group);
        if let Some(lonely) = lonely {
            lonely.write().await;
        }
    }

    /// What this node offers beyond the protocol.
    pub fn extensions(&self) -> Extensions {
        self.handle.shared.config.timing.extensions
    }

    /// Connects a member of a group. What waits for it is offered to it at once.
    pub fn connect(&self, group: &str, id: &str) -> Subscription {
        Subscription::new(self.handle.shared.clone(), group, id)
    }

    /// Asks for the messages that are to be posted to `http` and `https` addresses. There is one
    /// consumer: whoever asks last.
    pub fn pushes(&self) -> Pushes {
        Pushes::new(self.handle.shared.clone())
    }

    /// Whether the node can commit right now.
    pub fn is_ready(&self) -> bool {
        self.handle.shared.lock().is_serving()
    }

    /// Takes no more calls, finishes those in progress, ends all streams and lets go of the store.
    pub async fn close(&self) {
        let shared = &self.handle.shared;
        shared.drive(State::close);
        loop {
            if planted!(ListensLate) && shared.lock().is_closed() {
                return;
            }
            let closed = shared.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            if !planted!(ListensLate) && shared.lock().is_closed() {
                return;
            }
            closed.await;
        }
    }
}
