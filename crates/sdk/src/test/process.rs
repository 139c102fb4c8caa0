//! A process of a test: all its tasks stop together when it crashes, and while it is frozen.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

thread_local! {
    /// The process whose task is being polled.
    static CURRENT: RefCell<Option<Arc<Process>>> = const { RefCell::new(None) };
}

/// One life of a process.
#[derive(Debug, Default)]
pub(crate) struct Process {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// Tasks that would go on if the process were not frozen.
    held_up: Vec<Waker>,
    polls: u64,
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It runs.
    #[default]
    Alive,
    /// None of its tasks is polled.
    Frozen,
    /// It has crashed: none of its tasks is ever polled again.
    Dead,
}

impl Process {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it is doing.
    pub(crate) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// How often its tasks were polled.
    pub(crate) fn polls(&self) -> u64 {
        self.state().polls
    }

    /// Freezes it, lets it go on, or kills it. The dead stay dead.
    pub(crate) fn set(&self, phase: Phase) {
        let mut state = self.state();
        if state.phase != Phase::Dead {
            state.phase = phase;
        }
        let held_up = std::mem::take(&mut state.held_up);
        drop(state);
        held_up.into_iter().for_each(Waker::wake);
    }

    /// Has a future live and die with this process.
    pub(crate) fn gate<F: Future>(self: &Arc<Self>, future: F) -> Gate<F> {
        Gate { process: Some(self.clone()), future: Some(Box::pin(future)) }
    }
}

/// Has a future live and die with the process that is running, if this is a test of one.
pub(crate) fn of_current<F: Future>(future: F) -> Gate<F> {
    Gate { process: CURRENT.with_borrow(Clone::clone), future: Some(Box::pin(future)) }
}

/// A future of a process.
pub(crate) struct Gate<F> {
    process: Option<Arc<Process>>,
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Gate<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let Some(future) = &mut this.future else { return Poll::Pending };
        let Some(process) = &this.process else { return future.as_mut().poll(cx) };
        let mut state = process.state();
        match state.phase {
            Phase::Alive => state.polls += 1,
            Phase::Frozen => {
                state.held_up.push(cx.waker().clone());
                return Poll::Pending;
            }
            Phase::Dead => {
                drop(state);
                this.future = None;
                return Poll::Pending;
            }
        }
        drop(state);
        let _current = Current::enter(process.clone());
        future.as_mut().poll(cx)
    }
}

/// While it exists, what is spawned belongs to a process.
struct Current(Option<Arc<Process>>);

impl Current {
    fn enter(process: Arc<Process>) -> Self {
        Self(CURRENT.replace(Some(process)))
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}
