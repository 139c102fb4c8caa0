use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abide_client::{BatchFuture, Link, LinkFuture, Messages};
use abide_protocol::{Extensions, Message, Request, Response};
use tokio::sync::mpsc;

use super::{Node, System};

/// Messages that wait for the process at most.
const WAITING: usize = 4_096;

/// The link of a process to the node within it: answers are there at once.
#[derive(Clone, Default)]
pub(crate) struct Inside(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    node: Node,
    member: Option<mpsc::Sender<Message>>,
}

impl Inside {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries a request out, and passes on the messages that follow from it.
    pub(crate) fn carry_out(&self, request: Request) -> Response {
        let mut state = self.state();
        let response = state.node.call(request);
        let messages = state.node.messages();
        for message in messages {
            let member = state.member.as_ref().expect("somebody is connected");
            member.try_send(message).expect("nothing is sent that is not taken");
        }
        response
    }
}

impl Link for Inside {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move { Ok(self.carry_out(request)) })
    }

    fn extensions(&self) -> Extensions {
        Extensions::all()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            Ok(requests.iter().map(|request| self.carry_out(request.clone())).collect())
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut state = self.state();
        state.node.connect(group, id);
        state.member = Some(sender);
        Messages::from_channel(receiver)
    }
}
