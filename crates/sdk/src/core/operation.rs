//! The future behind every durable await.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{ambient, ask::Ask, outcome::Outcome, scope::Shared};
use crate::plain;

/// A durable await was made where it cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// No execution is being polled on this thread.
    Outside,
    /// It belongs to another function of the execution.
    Elsewhere,
}

/// The function is being stopped; what asked is not answered any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halted;

/// One durable call: first only asked for, then bound to the scope that polls it first.
#[derive(Debug)]
pub(crate) struct Operation {
    state: State,
}

#[derive(Debug)]
enum State {
    Asked(Arc<Ask>),
    Bound {
        scope: Arc<Shared>,
        call: u64,
    },
    /// There is no execution: it is made as plain async code.
    Plain(plain::Running),
    Done,
}

impl Operation {
    /// A call that does not exist yet.
    pub(crate) fn new(ask: Arc<Ask>) -> Self {
        Self { state: State::Asked(ask) }
    }

    /// Makes the call exist at once (rule 3), and gives its id.
    pub(crate) fn begin(&mut self) -> Result<Arc<str>, Misplaced> {
        let State::Asked(ask) = &self.state else { return Err(Misplaced::Elsewhere) };
        let Some(scope) = ambient::current() else {
            let plain = plain::current().ok_or(Misplaced::Outside)?;
            let (running, id) = plain.spawn(ask.clone());
            self.state = State::Plain(running);
            return Ok(id);
        };
        let (call, id) = scope.begin(ask.clone());
        self.state = State::Bound { scope, call };
        Ok(id)
    }

    /// From now on, dropping this cancels the call, durably.
    pub(crate) fn cancel_on_drop(&mut self) {
        if let State::Bound { scope, call } = &self.state {
            scope.cancel_on_drop(*call);
        }
    }
}

impl Operation {
    /// Outside an execution a call is made only by a function that runs plainly.
    fn poll_plainly(&mut self, cx: &mut Context<'_>) -> Poll<Result<Outcome, Misplaced>> {
        if let (State::Asked(ask), Some(plain)) = (&self.state, plain::current()) {
            self.state = State::Plain(plain.call(ask.clone()));
        }
        match &mut self.state {
            State::Plain(running) => Pin::new(running).poll(cx).map(Ok),
            _ => Poll::Ready(Err(Misplaced::Outside)),
        }
    }
}

impl Future for Operation {
    type Output = Result<Outcome, Misplaced>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(current) = ambient::current() else { return self.poll_plainly(cx) };
        if let State::Asked(ask) = &self.state {
            let call = current.bind(ask.clone());
            self.state = State::Bound { scope: current.clone(), call };
        }
        let State::Bound { scope, call } = &self.state else {
            panic!("a durable call was polled after it was ready");
        };
        if !Arc::ptr_eq(scope, &current) {
            return Poll::Ready(Err(Misplaced::Elsewhere));
        }
        match scope.poll(*call, cx.waker()) {
            Some(outcome) => {
                self.state = State::Done;
                Poll::Ready(Ok(outcome))
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if let State::Bound { scope, call } = &self.state {
            scope.forget(*call);
        }
    }
}
