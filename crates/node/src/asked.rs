use std::{
    pin::Pin,
    task::{Context, Poll},
};

use abide_protocol::{Millis, Request, Response};

use crate::{caller::Caller, state::unavailable, sync::oneshot, then::Then};

/// A request whose answer is waited for elsewhere, to be carried out by
/// [`Node::call_each`](crate::Node::call_each).
pub struct Asked {
    pub(crate) request: Request,
    pub(crate) debug_time: Option<Millis>,
    pub(crate) caller: Caller,
}

impl Asked {
    /// A request, at a time of the caller's choice if the debug surface is served.
    pub fn new(request: Request, debug_time: Option<Millis>) -> (Self, Answer) {
        let (caller, reply) = oneshot::channel();
        (Asked { request, debug_time, caller: Caller::waits(caller) }, Answer(reply))
    }

    /// A request with what is done with its answer. It is done by the thread that has made durable what
    /// the answer tells, so it must not block. That nobody carries the request out any more is answered
    /// by a 503.
    ///
    /// ```
    /// use std::sync::{Arc, mpsc};
    ///
    /// use abide_node::{Asked, Config, Node};
    /// use abide_protocol::{PromiseGet, Request, Status};
    /// use abide_store::MemoryStore;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let node = Node::open(Arc::new(MemoryStore::new()), Config::default()).await?;
    /// let get = Request::PromiseGet(PromiseGet { id: "order-7".into() });
    /// let (sender, answers) = mpsc::channel();
    /// node.call_each([Asked::then(get, None, move |answer| sender.send(answer).unwrap())]).await;
    /// assert_eq!(answers.recv().unwrap().status, Status::NotFound);
    /// # Ok::<(), abide_node::OpenError>(())
    /// # }).unwrap();
    /// ```
    pub fn then(
        request: Request,
        debug_time: Option<Millis>,
        then: impl FnOnce(Response) + Send + 'static,
    ) -> Self {
        Asked { request, debug_time, caller: Caller::then(Then::new(then)) }
    }
}

/// The answer to what was [`Asked`], when it is there. That nobody carries the request out any more is
/// answered, too, by a 503.
pub struct Answer(oneshot::Receiver<Response>);

impl Future for Answer {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        let reply = Pin::new(&mut self.0).poll(context);
        reply.map(|reply| reply.unwrap_or_else(|_| unavailable("the node is closed")))
    }
}
