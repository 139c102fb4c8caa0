//! What a driver has under way.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::Done;

/// Requests on their way, pauses, watches: a stream of what they come to.
///
/// Most of the time there is one at most, and that one is kept apart. `FuturesUnordered` wakes its
/// task again when it has polled all it holds, to let others come first: with one request at a time
/// that is after each, and wakes another thread besides, to take over what seems to be waiting.
#[derive(Default)]
pub(super) struct Ops {
    first: Option<BoxFuture<'static, Done>>,
    rest: FuturesUnordered<BoxFuture<'static, Done>>,
}

impl Ops {
    /// Adds one, which is not polled yet.
    pub(super) fn push(&mut self, op: BoxFuture<'static, Done>) {
        match &mut self.first {
            empty @ None => *empty = Some(op),
            Some(_) => self.rest.push(op),
        }
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }
}

impl Stream for Ops {
    type Item = Done;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Done>> {
        if let Some(first) = &mut self.first
            && let Poll::Ready(done) = first.poll_unpin(context)
        {
            self.first = None;
            return Poll::Ready(Some(done));
        }
        match self.rest.poll_next_unpin(context) {
            Poll::Ready(None) if self.first.is_some() => Poll::Pending,
            polled => polled,
        }
    }
}
