//! A runtime for one process: tasks, timers, and a time that somebody else decides.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Wake, Waker},
};

use abide_protocol::Millis;

/// Polls in one go, beyond which a process is taken to spin.
const POLLS: u64 = 1_000_000;

thread_local! {
    /// The runtime of the process that is running.
    static CURRENT: RefCell<Option<Arc<Executor>>> = const { RefCell::new(None) };
}

/// What time it is for a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds that have passed: they never go back.
    pub steady: Millis,
    /// The wall clock, which may be set.
    pub wall: Millis,
}

/// How far a process has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// There is nothing to do before something happens.
    Idle,
    /// It was interrupted: it goes on when it is run again.
    Interrupted,
    /// It is polled without end.
    Spinning,
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The tasks of a process.
#[derive(Default)]
pub(crate) struct Executor {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    clock: Clock,
    tasks: BTreeMap<u64, Task>,
    ready: VecDeque<u64>,
    /// What waits for a time.
    alarms: BTreeMap<(Millis, u64), Waker>,
    /// What gave way, to be woken when nothing else is ready.
    yielded: Vec<Waker>,
    last: u64,
    /// Nothing runs here any more.
    closed: bool,
}

struct Task {
    /// Gone while it is polled.
    future: Option<Running>,
    queued: bool,
    aborted: bool,
}

struct TaskWaker {
    task: u64,
    executor: Weak<Executor>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if let Some(executor) = self.executor.upgrade() {
            executor.state().wake(self.task);
        }
    }
}

impl State {
    fn wake(&mut self, id: u64) {
        if let Some(task) = self.tasks.get_mut(&id)
            && !std::mem::replace(&mut task.queued, true)
        {
            self.ready.push_back(id);
        }
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Takes what wakes those whose time has come.
    fn due(&mut self) -> Vec<Waker> {
        let later = self.alarms.split_off(&(self.clock.steady + 1, 0));
        std::mem::replace(&mut self.alarms, later).into_values().collect()
    }
}

impl Executor {
    /// The one of the process that is running, if this is a simulation.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time.
    pub(super) fn clock(&self) -> Clock {
        self.state().clock
    }

    /// Adds a task.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> u64 {
        let mut state = self.state();
        let id = state.number();
        if !state.closed {
            let task = Task { future: Some(Box::pin(future)), queued: false, aborted: false };
            state.tasks.insert(id, task);
            state.wake(id);
        }
        id
    }

    /// Has a task end without being polled again.
    pub(super) fn abort(&self, id: u64) {
        let mut state = self.state();
        if let Some(task) = state.tasks.get_mut(&id) {
            task.aborted = true;
            state.wake(id);
        }
    }

    /// Has somebody woken at a time, in place of what was wanted under that number before.
    pub(super) fn alarm(&self, at: Millis, number: Option<u64>, waker: &Waker) -> Option<u64> {
        let mut state = self.state();
        if state.clock.steady >= at {
            return None;
        }
        let number = number.unwrap_or_else(|| state.number());
        state.alarms.insert((at, number), waker.clone());
        Some(number)
    }

    /// Nobody waits for that any more.
    pub(super) fn disarm(&self, at: Millis, number: u64) {
        self.state().alarms.remove(&(at, number));
    }

    /// Has somebody woken when nothing else is ready.
    pub(crate) fn give_way(&self, waker: &Waker) {
        self.state().yielded.push(waker.clone());
    }

    /// When something is to be woken.
    pub(super) fn next_alarm(&self) -> Option<Millis> {
        self.state().alarms.first_key_value().map(|((at, _), _)| *at)
    }

    /// Runs what is ready, until nothing is or `interrupt` says so.
    pub(super) fn run(self: &Arc<Self>, clock: Clock, mut interrupt: impl FnMut() -> bool) -> Ran {
        let _current = Current::enter(self.clone());
        {
            let mut state = self.state();
            let steady = clock.steady.max(state.clock.steady);
            state.clock = Clock { steady, ..clock };
        }
        for _ in 0..POLLS {
            let due = self.state().due();
            due.into_iter().for_each(Waker::wake);
            let ready = self.state().ready.pop_front();
            match ready {
                Some(id) => self.poll(id),
                None => {
                    let yielded = std::mem::take(&mut self.state().yielded);
                    if yielded.is_empty() {
                        return Ran::Idle;
                    }
                    // As tokio does: the last one first.
                    yielded.into_iter().rev().for_each(Waker::wake);
                }
            }
            if interrupt() {
                return Ran::Interrupted;
            }
        }
        Ran::Spinning
    }

    fn poll(self: &Arc<Self>, id: u64) {
        let mut state = self.state();
        let Some(task) = state.tasks.get_mut(&id) else { return };
        task.queued = false;
        let Some(mut future) = task.future.take() else { return };
        if task.aborted {
            state.tasks.remove(&id);
            drop(state);
            return drop(future);
        }
        drop(state);
        let waker = Waker::from(Arc::new(TaskWaker { task: id, executor: Arc::downgrade(self) }));
        let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
        let mut state = self.state();
        match poll {
            Poll::Ready(()) => drop(state.tasks.remove(&id)),
            Poll::Pending => match state.tasks.get_mut(&id) {
                Some(task) => task.future = Some(future),
                None => {
                    drop(state);
                    drop(future);
                }
            },
        }
    }

    /// Drops all tasks, as a crash does.
    pub(super) fn close(self: &Arc<Self>) {
        let _current = Current::enter(self.clone());
        let mut state = self.state();
        state.closed = true;
        let tasks = std::mem::take(&mut state.tasks);
        let alarms = std::mem::take(&mut state.alarms);
        let yielded = std::mem::take(&mut state.yielded);
        drop(state);
        drop((tasks, alarms, yielded));
    }
}

/// While it exists, a process is running.
struct Current(Option<Arc<Executor>>);

impl Current {
    fn enter(executor: Arc<Executor>) -> Self {
        Self(CURRENT.replace(Some(executor)))
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}
