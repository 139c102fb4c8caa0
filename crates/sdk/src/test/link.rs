//! A process's way to the engine.

use std::sync::Arc;

use abide_client::{BatchFuture, Link, LinkError, LinkFuture, Messages, one_by_one};
use abide_protocol::{Extensions, Request, Response};
use tokio::sync::{mpsc, oneshot};

use super::{engine::Engine, process::Process, sim::Sim};

/// Messages that wait for a process at most; further ones are delivered again later.
const WAITING: usize = 4_096;

/// The link of one life of a process.
pub(super) struct SimLink {
    pub(super) sim: Arc<Sim>,
    pub(super) process: Arc<Process>,
    pub(super) engine: Engine,
}

/// Requests that travel together, in order.
pub(super) struct Sent {
    pub(super) process: Arc<Process>,
    pub(super) requests: Vec<Request>,
    pub(super) reply: oneshot::Sender<Result<Vec<Response>, LinkError>>,
}

impl SimLink {
    async fn send(&self, requests: Vec<Request>) -> Result<Vec<Response>, LinkError> {
        let (reply, answer) = oneshot::channel();
        self.sim.send(Sent { process: self.process.clone(), requests, reply });
        match answer.await {
            Ok(answer) => answer,
            // Nobody lives to see it.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Link for SimLink {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move {
            let mut responses = self.send(vec![request]).await?;
            Ok(responses.pop().expect("one answer for one request"))
        })
    }

    fn extensions(&self) -> Extensions {
        self.engine.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        let offered = self.engine.extensions();
        if offered.batch() {
            return Box::pin(self.send(requests.to_vec()));
        }
        Box::pin(one_by_one(self, requests, offered))
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.sim.connect(&self.process, group, id, sender);
        Messages::from_channel(receiver)
    }
}
