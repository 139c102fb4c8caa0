use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    Action, Finding, Onward, System, Violation, finding, shortest, visited::Visited, way::Way,
};

/// How often the progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// How long the thread that tells the progress sleeps at most.
const NAP: Duration = Duration::from_millis(50);

/// After how many states a thread adds to the sums.
const SUMMED: u64 = 256;

/// How far an exploration goes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many threads share the work.
    pub threads: usize,
    /// After how many states it stops, whatever is left. Each takes about 20 to 40 bytes.
    pub states: u64,
    /// Whether it tells its progress on the standard error stream.
    pub loud: bool,
}

/// What an exploration has gone through.
#[derive(Debug)]
pub struct Coverage {
    /// How many different states were reached.
    pub states: u64,
    /// How many times something happened in one of them.
    pub transitions: u64,
    /// How many of these led out of the scope and were not followed.
    pub left: u64,
    /// The longest way that was gone.
    pub depth: u64,
    /// Whether nothing is left to go through.
    pub complete: bool,
    /// How long it took.
    pub elapsed: Duration,
    /// What was found to be broken.
    pub found: Option<Finding>,
}

/// A state whose onward ways are still to be gone.
struct Open<S> {
    state: S,
    way: Way,
}

struct Shared<S> {
    visited: Visited,
    pool: Mutex<Pool<S>>,
    /// There is work in the pool, or none anywhere.
    news: Condvar,
    /// How many threads wait for work.
    hungry: AtomicU64,
    stop: AtomicBool,
    full: AtomicBool,
    states: AtomicU64,
    transitions: AtomicU64,
    left: AtomicU64,
    depth: AtomicU64,
    found: Mutex<Option<(Way, Violation)>>,
}

struct Pool<S> {
    open: Vec<Open<S>>,
    waiting: usize,
    over: bool,
}

/// Goes through everything that can happen, and stops at the first thing that is broken.
///
/// States are taken last found first, so what is kept beside the set of reached states is no more
/// than the ways that branch off along the one being gone.
pub fn explore<S: System>(system: &S, name: &str, limits: Limits) -> Coverage {
    let start = Instant::now();
    let initial = system.initial();
    let shared = Shared {
        visited: Visited::new(),
        pool: Mutex::new(Pool { open: Vec::new(), waiting: 0, over: false }),
        news: Condvar::new(),
        hungry: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        full: AtomicBool::new(false),
        states: AtomicU64::new(1),
        transitions: AtomicU64::new(0),
        left: AtomicU64::new(0),
        depth: AtomicU64::new(0),
        found: Mutex::new(None),
    };
    shared.visited.insert(system.fingerprint(&initial));
    lock(&shared.pool).open.push(Open { state: initial, way: Way::default() });
    let threads = limits.threads.max(1);
    thread::scope(|scope| {
        let work = || scope.spawn(|| go_through(system, &shared, threads, limits.states));
        let workers: Vec<_> = (0..threads).map(|_| work()).collect();
        let mut told = Instant::now();
        while !workers.iter().all(|worker| worker.is_finished()) {
            thread::sleep(NAP);
            if limits.loud && told.elapsed() >= TOLD_EVERY {
                told = Instant::now();
                shared.tell(name, start.elapsed());
            }
        }
    });
    let elapsed = start.elapsed();
    let found = lock(&shared.found).take();
    if let Some((way, violation)) = found.as_ref().filter(|_| limits.loud) {
        let length = way.length();
        eprintln!("{name}: {violation}\nafter {length} actions; looking for a shorter way ...");
    }
    Coverage {
        states: shared.states.load(Relaxed),
        transitions: shared.transitions.load(Relaxed),
        left: shared.left.load(Relaxed),
        depth: shared.depth.load(Relaxed),
        complete: found.is_none() && !shared.full.load(Relaxed),
        elapsed,
        found: found.map(|(way, violation)| shortest::to(system, way.actions(), violation)),
    }
}

/// What one thread does.
fn go_through<S: System>(system: &S, shared: &Shared<S::State>, threads: usize, most: u64) {
    let mut scratch = system.scratch();
    let mut ahead = Ahead {
        system,
        visited: &shared.visited,
        stack: Vec::new(),
        way: Way::default(),
        action: 0,
        states: 0,
        transitions: 0,
        left: 0,
        depth: 0,
        broken: None,
    };
    let mut gone = 0;
    while let Some(open) = shared.next(&mut ahead.stack, threads) {
        ahead.way = open.way;
        ahead.depth = ahead.depth.max(ahead.way.length() as u64);
        let all = AssertUnwindSafe(|| system.expand(&mut scratch, &open.state, &mut ahead));
        if let Err(panic) = catch_unwind(all) {
            ahead.broken = Some((ahead.action, finding::of_panic(&*panic)));
        }
        gone += 1;
        if gone % SUMMED == 0 {
            ahead.sum(shared);
        }
        if let Some((action, violation)) = ahead.broken.take() {
            lock(&shared.found).get_or_insert((ahead.way.and(action), violation));
            shared.end();
        }
        if shared.states.load(Relaxed) >= most {
            shared.full.store(true, Relaxed);
            shared.end();
        }
    }
    ahead.sum(shared);
    system.finish(scratch);
}

impl<S> Shared<S> {
    /// The next state to go on from: one of one's own, or one of the pool; `None` at the end.
    fn next(&self, stack: &mut Vec<Open<S>>, threads: usize) -> Option<Open<S>> {
        if self.stop.load(Relaxed) {
            return None;
        }
        if stack.len() > 1 && self.hungry.load(Relaxed) > 0 {
            // What was found first has the most behind it.
            let share = stack.len() / 2;
            lock(&self.pool).open.extend(stack.drain(..share));
            self.news.notify_all();
        }
        if let Some(open) = stack.pop() {
            return Some(open);
        }
        let mut pool = lock(&self.pool);
        pool.waiting += 1;
        loop {
            if pool.over || self.stop.load(Relaxed) {
                return None;
            }
            if let Some(open) = pool.open.pop() {
                pool.waiting -= 1;
                return Some(open);
            }
            if pool.waiting == threads {
                pool.over = true;
                self.news.notify_all();
                return None;
            }
            self.hungry.fetch_add(1, Relaxed);
            pool = self.news.wait(pool).unwrap_or_else(PoisonError::into_inner);
            self.hungry.fetch_sub(1, Relaxed);
        }
    }

    fn end(&self) {
        self.stop.store(true, Relaxed);
        let _pool = lock(&self.pool);
        self.news.notify_all();
    }

    fn tell(&self, name: &str, elapsed: Duration) {
        let (states, transitions) = (self.states.load(Relaxed), self.transitions.load(Relaxed));
        let rate = states as f64 / elapsed.as_secs_f64();
        eprintln!("{name}: {states} states, {transitions} transitions, {rate:.0} states/s");
    }
}

/// What a thread finds out about the state that it goes on from.
struct Ahead<'a, S: System> {
    system: &'a S,
    visited: &'a Visited,
    stack: Vec<Open<S::State>>,
    way: Way,
    action: Action,
    states: u64,
    transitions: u64,
    left: u64,
    depth: u64,
    broken: Option<(Action, Violation)>,
}

impl<S: System> Ahead<'_, S> {
    fn sum(&mut self, shared: &Shared<S::State>) {
        shared.states.fetch_add(std::mem::take(&mut self.states), Relaxed);
        shared.transitions.fetch_add(std::mem::take(&mut self.transitions), Relaxed);
        shared.left.fetch_add(std::mem::take(&mut self.left), Relaxed);
        shared.depth.fetch_max(self.depth, Relaxed);
    }
}

impl<S: System> Onward<S::State> for Ahead<'_, S> {
    fn trying(&mut self, action: Action) {
        self.action = action;
        self.transitions += 1;
    }

    fn reached(&mut self, state: S::State) -> bool {
        let new = self.visited.insert(self.system.fingerprint(&state));
        if new {
            self.states += 1;
            self.stack.push(Open { state, way: self.way.and(self.action) });
        }
        new
    }

    fn left(&mut self) {
        self.left += 1;
    }

    fn broken(&mut self, violation: Violation) {
        self.broken.get_or_insert((self.action, violation));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
