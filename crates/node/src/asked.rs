use std::{
    pin::Pin,
    task::{Context, Poll},
};

use abide_protocol::{Millis, Request, Response};

use crate::{state::unavailable, sync::oneshot};

/// A request whose answer is waited for elsewhere, to be carried out by
/// [`Node::call_each`](crate::Node::call_each).
pub struct Asked {
    pub(crate) request: Request,
    pub(crate) debug_time: Option<Millis>,
    pub(crate) caller: oneshot::Sender<Response>,
}

impl Asked {
    /// A request, at a time of the caller's choice if the debug surface is served.
    pub fn new(request: Request, debug_time: Option<Millis>) -> (Self, Answer) {
        let (caller, reply) = oneshot::channel();
        (Asked { request, debug_time, caller }, Answer(reply))
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
