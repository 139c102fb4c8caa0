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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use futures_util::future::pending;
    use tokio::sync::oneshot;

    use super::*;
    use crate::wakes::Wakes;

    /// An operation that comes to its number when it is told to.
    fn op(number: usize) -> (oneshot::Sender<()>, BoxFuture<'static, Done>) {
        let (done, told) = oneshot::channel();
        (done, told.map(move |_| Done::Lost(number.to_string())).boxed())
    }

    fn poll(ops: &mut Ops, waker: &Waker) -> Poll<Option<usize>> {
        let number = |done| match done {
            Done::Lost(number) => number.parse().unwrap(),
            _ => unreachable!(),
        };
        ops.poll_next_unpin(&mut Context::from_waker(waker)).map(|done| done.map(number))
    }

    #[test]
    fn one_that_waits_wakes_nobody() {
        let (wakes, waker) = Wakes::new();
        let mut ops = Ops::default();
        ops.push(pending().boxed());
        assert!(poll(&mut ops, &waker).is_pending());
        assert_eq!(wakes.count(), 0);
    }

    proptest::proptest! {
        #[test]
        fn each_comes_out_once_when_it_is_done(places in proptest::collection::vec(0..8_usize, 1..40)) {
            let (wakes, waker) = Wakes::new();
            let mut ops = Ops::default();
            let mut under_way = Vec::new();
            for (number, place) in places.into_iter().enumerate() {
                let (done, op) = op(number);
                ops.push(op);
                under_way.push((number, done));
                assert!(poll(&mut ops, &waker).is_pending() && !ops.is_empty());
                // Once in a while, one that is somewhere among them is done.
                if place < under_way.len() {
                    let (number, done) = under_way.remove(place);
                    let before = wakes.count();
                    done.send(()).unwrap();
                    assert!(wakes.count() > before, "whoever waits hears of it");
                    assert_eq!(poll(&mut ops, &waker), Poll::Ready(Some(number)));
                }
            }
            let (mut left, done): (Vec<usize>, Vec<_>) = under_way.into_iter().unzip();
            done.into_iter().for_each(|done| done.send(()).unwrap());
            while let Poll::Ready(Some(number)) = poll(&mut ops, &waker) {
                let place = left.iter().position(|other| *other == number);
                left.swap_remove(place.expect("it comes out once"));
            }
            assert!(left.is_empty() && ops.is_empty());
        }
    }
}
