//! A link that counts what goes over it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use abide_client::{BatchFuture, HttpLink, Link, LinkFuture, Messages, NodeLink};
use abide_node::Node;
use abide_protocol::{Envelope, Extensions, Head, Request, Response};
use abide_server::{Data, Options, Server};
use tokio::sync::mpsc;

use crate::Abide;

/// Messages on their way to a process.
const QUEUE: usize = 1_024;

/// Counts.
pub(super) struct Counting {
    link: Arc<dyn Link>,
    counts: Arc<Counts>,
}

/// What has gone over a link.
#[derive(Default)]
pub(super) struct Counts {
    requests: AtomicU64,
    messages: AtomicU64,
    bytes: AtomicU64,
    /// The longest chain of messages of which each was sent after the answer to the one before.
    waits: AtomicU64,
}

/// The same at one time, or between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) requests: u64,
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) waits: u64,
}

impl Counts {
    pub(super) fn now(&self) -> Figures {
        Figures {
            requests: self.requests.load(Ordering::Relaxed),
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            waits: self.waits.load(Ordering::Relaxed),
        }
    }

    pub(super) fn since(&self, before: Figures) -> Figures {
        let now = self.now();
        Figures {
            requests: now.requests - before.requests,
            messages: now.messages - before.messages,
            bytes: now.bytes - before.bytes,
            waits: now.waits - before.waits,
        }
    }

    /// A message is sent: how long a chain it ends.
    fn sent(&self, requests: &[Request]) -> u64 {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(requests.len() as u64, Ordering::Relaxed);
        for request in requests {
            let envelope = Envelope { head: Head::default(), request: request.clone() };
            self.bytes.fetch_add(envelope.to_json().len() as u64, Ordering::Relaxed);
        }
        self.waits.load(Ordering::Relaxed) + 1
    }

    fn answered(&self, chain: u64, responses: &[Response]) {
        for response in responses {
            let bytes = response.to_json("", "").len() as u64;
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
        self.waits.fetch_max(chain, Ordering::Relaxed);
    }
}

/// A process whose link counts, and its counts.
pub(super) fn counted(link: impl Link) -> (Abide, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    let link = Counting { link: Arc::new(link), counts: counts.clone() };
    (Abide::new(Arc::new(link)).unwrap(), counts)
}

/// A server for processes that come by HTTP; it ends with the runtime of the test.
pub(super) async fn serve(plain: bool) -> String {
    let options = Options { port: 0, metrics_port: None, plain, ..Options::new(Data::Memory) };
    let server = Server::bind(options).await.unwrap();
    let url = server.url().to_owned();
    tokio::spawn(server.serve(std::future::pending()));
    url
}

/// A process that comes by HTTP.
pub(super) async fn by_http(url: &str) -> (Abide, Arc<Counts>) {
    let link = HttpLink::new(url).unwrap();
    link.negotiate().await.unwrap();
    counted(link)
}

/// A process within the engine's.
pub(super) fn inside(node: &Node) -> (Abide, Arc<Counts>) {
    counted(NodeLink::new(node.clone()))
}

impl Link for Counting {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move {
            let chain = self.counts.sent(std::slice::from_ref(&request));
            let response = self.link.call(request).await?;
            self.counts.answered(chain, std::slice::from_ref(&response));
            Ok(response)
        })
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            let chain = self.counts.sent(requests);
            let responses = self.link.batch(requests).await?;
            self.counts.answered(chain, &responses);
            Ok(responses)
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let mut messages = self.link.connect(group, id);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let counts = self.counts.clone();
        tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                let bytes = message.to_json("").len() as u64;
                counts.bytes.fetch_add(bytes, Ordering::Relaxed);
                if sender.send(message).await.is_err() {
                    return;
                }
            }
        });
        Messages::from_channel(receiver)
    }
}
