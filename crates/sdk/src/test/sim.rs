//! The engine of a world, and everything between it and the processes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use abide_client::LinkError;
use abide_node::Inline;
use abide_protocol::{Message, Millis, Request, Response};
use abide_store::MemoryStore;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{
    engine::Engine,
    faults::{Fault, Faults},
    limits::Limits,
    link::Sent,
    members::Members,
    notes::Notes,
    plan::Plan,
    process::Process,
    stuck::Stuck,
    trace::{Trace, What},
};
use crate::clock;

/// A world while one plan runs.
pub(crate) struct Sim {
    state: Mutex<State>,
    changed: Notify,
}

/// What is where.
pub(super) struct State {
    pub(super) node: Inline,
    /// How often the store was opened again.
    pub(super) generation: u64,
    pub(super) store: Arc<MemoryStore>,
    pub(super) rng: fastrand::Rng,
    pub(super) plan: Plan,
    pub(super) faults: Faults,
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    pub(super) members: Members,
    /// What is on its way, by the time of its arrival.
    events: BTreeMap<(Millis, u64), Event>,
    last_event: u64,
    pub(super) counts: Counts,
    pub(super) trace: Trace,
    pub(super) notes: Notes,
    /// When the store was last written, and how often it was.
    pub(super) progress: (Millis, u64),
    /// Until when the server is away.
    pub(super) away: Option<Millis>,
}

/// How much has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) writes: u64,
    pub(super) crashes: u64,
    pub(super) freezes: u64,
    pub(super) lost: u64,
}

/// What to tell the engine about a message: which delivery it was, and of which opening of the
/// store. A later one delivers the message anew.
pub(super) type Receipt = Option<(u64, u64)>;

/// Something that arrives.
pub(super) enum Event {
    /// Requests, at the engine.
    Requests(Sent),
    /// Requests that their sender has given up.
    Late(Arc<Process>, Vec<Request>),
    /// Answers, at a process.
    Answer(oneshot::Sender<Result<Vec<Response>, LinkError>>, Result<Vec<Response>, LinkError>),
    /// A message, at the connection of that number.
    Message { to: u64, message: Message, receipt: Receipt },
    /// The end of a frozen time.
    Thaw(Arc<Process>),
    /// The server is back.
    Back,
}

impl Sim {
    /// A world with nothing in it, as it is at the beginning.
    pub(super) fn new(plan: Plan, faults: Faults, engine: Engine, limits: Limits) -> Arc<Self> {
        let store = Arc::new(MemoryStore::new());
        let now = clock::now();
        let state = State {
            node: engine.open(&store),
            generation: 0,
            store,
            rng: fastrand::Rng::with_seed(plan.seed ^ 0x00AB_1DE0),
            plan,
            faults,
            engine,
            limits,
            members: Members::default(),
            events: BTreeMap::new(),
            last_event: 0,
            counts: Counts::default(),
            trace: Trace::new(now),
            notes: Notes::default(),
            progress: (now, 0),
            away: None,
        };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new() })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process sends requests.
    pub(super) fn send(&self, sent: Sent) {
        let mut state = self.state();
        if sent.process.is_dead() {
            return;
        }
        let mut at = clock::now() + state.latency();
        if state.engine.is_embedded() {
            // Within a process, requests take effect in the order in which they are made.
            let last = &mut *sent.process.last_arrival.lock().expect("nothing panics meanwhile");
            at = at.max(*last);
            *last = at;
        }
        state.push(at, Event::Requests(sent));
        drop(state);
        self.changed.notify_one();
    }

    /// A process connects.
    pub(super) fn connect(
        &self,
        process: &Arc<Process>,
        group: &str,
        id: &str,
        queue: mpsc::Sender<Message>,
    ) {
        let mut state = self.state();
        if process.is_dead() {
            return;
        }
        let receiver = state.members.join(process, group, id, queue);
        if state.away.is_none() {
            state.node.connect(receiver, clock::now());
            state.post();
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Does all that is to be done, at its time, until that makes no sense any more.
    pub(super) async fn operate(&self) -> Stuck {
        loop {
            let step = self.state().step();
            let next = match step {
                Ok(next) => next,
                Err(stuck) => return stuck,
            };
            let pause = async {
                match next {
                    Some(next) => tokio::time::sleep(clock::until(next)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.changed.notified() => {}
                () = pause => {}
            }
        }
    }
}

impl State {
    /// Does what is due; says when the next is.
    fn step(&mut self) -> Result<Option<Millis>, Stuck> {
        let now = clock::now();
        loop {
            let ticks = self.away.is_none() && self.node.next_wake().is_some_and(|at| at <= now);
            let before = self.node.commits();
            if ticks {
                self.node.tick(now);
                self.post();
            }
            let arrived = self.events.first_entry().filter(|entry| entry.key().0 <= now);
            match arrived.map(|entry| entry.remove()) {
                Some(event) => self.arrive(event),
                None if ticks && self.node.commits() != before => {}
                None => break,
            }
        }
        self.check(now)?;
        let wake = self.node.next_wake().filter(|_| self.away.is_none());
        let wake = wake.map(|at| at.max(now + 1));
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        Ok([wake, event].into_iter().flatten().min())
    }

    /// The server, or the process that has the engine in it, starts again.
    pub(super) fn reopen(&mut self) {
        self.node = self.engine.open(&self.store);
        self.generation += 1;
        self.progress.1 = 0;
    }

    pub(super) fn push(&mut self, at: Millis, event: Event) {
        self.last_event += 1;
        self.events.insert((at, self.last_event), event);
    }

    /// How long something is on its way.
    pub(super) fn latency(&mut self) -> Millis {
        let (least, most) = self.faults.latency.clone().into_inner();
        self.between(least, most)
    }

    /// A time between these.
    pub(super) fn between(&mut self, least: Duration, most: Duration) -> Millis {
        let (least, most) = (clock::span(least), clock::span(most));
        self.rng.i64(least..=most.max(least))
    }

    /// Whether something happens that happens with this probability.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.rng.f64() < probability
    }

    fn arrive(&mut self, event: Event) {
        match event {
            Event::Requests(sent) => self.requests(sent),
            Event::Late(process, requests) => {
                for request in requests {
                    self.carry_out(&process, request, None);
                }
            }
            Event::Answer(reply, answer) => drop(reply.send(answer)),
            Event::Message { to, message, receipt } => self.hand_over(to, message, receipt),
            Event::Thaw(process) => self.thaw(&process),
            Event::Back => self.back(),
        }
    }

    fn requests(&mut self, sent: Sent) {
        let Sent { process, requests, reply } = sent;
        if process.is_dead() {
            // What a process had sent over a network may arrive after its death.
            if self.engine.is_embedded() || self.rng.bool() {
                self.unanswered(&process, requests, "its sender is dead");
            } else {
                self.push(clock::now(), Event::Late(process, requests));
            }
            return;
        }
        let Some(sent) = self.network(Sent { process, requests, reply }) else { return };
        let Sent { process, requests, reply } = sent;
        let mut answers = Vec::with_capacity(requests.len());
        let mut requests = requests.into_iter();
        while let Some(request) = requests.next() {
            let write = is_write(&request).then(|| {
                self.counts.writes += 1;
                self.counts.writes
            });
            let fault = self.fault(&process, write);
            if fault == Some(Fault::CrashBefore) {
                let lost = std::iter::once(request).chain(requests).collect();
                self.unanswered(&process, lost, "lost in a crash");
                return self.crash(&process);
            }
            answers.push(self.carry_out(&process, request, write));
            match fault {
                Some(Fault::CrashAfter) => {
                    self.unanswered(&process, requests.collect(), "lost in a crash");
                    return self.crash(&process);
                }
                Some(Fault::Freeze) => self.freeze(&process),
                _ => {}
            }
        }
        self.answer(reply, Ok(answers));
    }

    /// Answers, in a while.
    pub(super) fn answer(
        &mut self,
        reply: oneshot::Sender<Result<Vec<Response>, LinkError>>,
        answer: Result<Vec<Response>, LinkError>,
    ) {
        let at = clock::now() + self.latency();
        self.push(at, Event::Answer(reply, answer));
    }

    pub(super) fn carry_out(
        &mut self,
        process: &Arc<Process>,
        request: Request,
        write: Option<u64>,
    ) -> Response {
        self.counts.requests += 1;
        let response = self.node.call(request.clone(), clock::now());
        self.trace.add(Some(process), write, What::Answered(request, response.clone()));
        self.post();
        response
    }

    pub(super) fn unanswered(
        &mut self,
        process: &Arc<Process>,
        requests: Vec<Request>,
        why: &'static str,
    ) {
        for request in requests {
            self.trace.add(Some(process), None, What::Unanswered(request, why));
        }
    }

    pub(super) fn say(&mut self, process: Option<&Arc<Process>>, text: impl Into<String>) {
        self.trace.add(process, None, What::Said(text.into()));
    }
}

/// Whether a crash with this request is worth a run of its own: whether it changes what a process
/// that comes later finds.
fn is_write(request: &Request) -> bool {
    matches!(
        request,
        Request::PromiseCreate(_)
            | Request::PromiseSettle(_)
            | Request::TaskCreate(_)
            | Request::TaskAcquire(_)
            | Request::TaskFence(_)
            | Request::TaskSuspend(_)
            | Request::TaskFulfill(_)
    )
}
