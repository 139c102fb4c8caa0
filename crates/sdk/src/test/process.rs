//! A process of a test: all its tasks stop together when it crashes, and while it is frozen.

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use abide_protocol::Millis;
use tokio::sync::Notify;

/// Polls of the tasks of a process between two of its requests, beyond which it is spinning.
const POLLS: u64 = 1_000_000;

thread_local! {
    /// The process whose task is being polled.
    static CURRENT: RefCell<Option<Arc<Process>>> = const { RefCell::new(None) };
}

/// One life of a process.
#[derive(Debug)]
pub(crate) struct Process {
    name: Arc<str>,
    life: u32,
    state: Mutex<State>,
    died: Notify,
    /// Writes that were made in this life.
    pub(crate) writes: AtomicU64,
    /// When the last of its requests arrives, where they arrive in order.
    pub(crate) last_arrival: Mutex<Millis>,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// Tasks that would go on if the process were not frozen.
    held_up: Vec<Waker>,
    /// Polls since its last request.
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
    /// It is polled without end, and stopped therefore.
    Spinning,
}

impl Process {
    /// The life of a process that begins now.
    pub(crate) fn new(name: Arc<str>, life: u32) -> Arc<Self> {
        Arc::new(Self {
            name,
            life,
            state: Mutex::default(),
            died: Notify::new(),
            writes: AtomicU64::new(0),
            last_arrival: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it is doing.
    pub(crate) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Whether it has crashed.
    pub(crate) fn is_dead(&self) -> bool {
        self.phase() == Phase::Dead
    }

    /// It makes a request, so it is not spinning; gives how many writes it has made with these.
    pub(crate) fn requested(&self, writes: u64) -> u64 {
        self.state().polls = 0;
        self.writes.fetch_add(writes, Ordering::Relaxed) + writes
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
        if matches!(phase, Phase::Dead | Phase::Spinning) {
            self.died.notify_one();
        }
    }

    /// Waits until it has crashed.
    pub(crate) async fn died(&self) -> Phase {
        self.died.notified().await;
        self.phase()
    }

    /// Has a future live and die with this process.
    pub(crate) fn gate<F: Future>(self: &Arc<Self>, future: F) -> Gate<F> {
        Gate { process: Some(self.clone()), future: Some(Box::pin(future)) }
    }

    /// The process that this is called in.
    pub(crate) fn current() -> Option<Arc<Process>> {
        CURRENT.with_borrow(Clone::clone)
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.life {
            1 => write!(f, "{}", self.name),
            life => write!(f, "{}#{life}", self.name),
        }
    }
}

/// Has a future live and die with the process that is running, if this is a test of one.
pub(crate) fn of_current<F: Future>(future: F) -> Gate<F> {
    Gate { process: Process::current(), future: Some(Box::pin(future)) }
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
            Phase::Dead | Phase::Spinning => {
                drop(state);
                this.future = None;
                return Poll::Pending;
            }
        }
        let spinning = state.polls > POLLS;
        drop(state);
        if spinning {
            process.set(Phase::Spinning);
            return Poll::Pending;
        }
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
