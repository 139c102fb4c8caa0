//! One life of a worker process.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use abide_protocol::{Extensions, Id, Message, Millis, PromiseRecord, Response, tag};

use super::{
    executor::{Clock, Executor, Ran},
    link::{Outcome, Shared, SimLink, Wanted},
    programs::{Programs, promises},
};
use crate::{
    core::trace::{self, Trace},
    engine::Abide,
    start,
};

/// How long a process waits before it asks again for an execution that it could not begin.
const AGAIN: Duration = Duration::from_secs(5);

/// What a process is as a worker.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Its group.
    pub group: String,
    /// How long a task stays with it if it is not heard of.
    pub lease: Millis,
    /// Executions that run at one time.
    pub concurrency: usize,
    /// Suspended executions that stay in memory.
    pub warm: usize,
    /// What the engine is known to offer at first.
    pub extensions: Extensions,
    /// How long it drains before it ends.
    pub drain: Millis,
    /// The execution that it begins, and waits for, by itself.
    pub begins: Option<Id>,
}

/// A worker process that is run step by step. When it is dropped, it has crashed.
pub struct Process {
    executor: Arc<Executor>,
    link: Arc<SimLink>,
    programs: Arc<Programs>,
    abide: Option<Abide>,
    /// The chance of this process alone.
    seed: u64,
    /// The last turn of each scope that it knows to be durable.
    durable: BTreeMap<String, (u32, u64)>,
    closed: Arc<std::sync::atomic::AtomicBool>,
}

impl Process {
    /// A process begins its life. The seed decides everything that is left to chance within it.
    pub fn start(choices: Choices, programs: &Arc<Programs>, seed: u64, clock: Clock) -> Self {
        let executor = Arc::new(Executor::default());
        let link = Arc::new(SimLink::default());
        link.offers(choices.extensions);
        let mut process = Self {
            executor,
            link: link.clone(),
            programs: programs.clone(),
            abide: None,
            seed,
            durable: BTreeMap::new(),
            closed: Arc::default(),
        };
        process.within(|process| {
            process.executor.run(clock, || false);
            let abide = Abide::new(Arc::new(Shared(link))).expect("no functions here");
            let abide = abide.group(&choices.group).concurrency(choices.concurrency);
            let abide = abide.warm(choices.warm).lease(millis(choices.lease));
            let abide = abide.drain(millis(choices.drain)).with(|settings| {
                settings.complete = false;
                settings.programs = Some(process.programs.clone());
            });
            let main = main(abide.clone(), process.programs.clone(), choices.begins);
            process.executor.spawn(main);
            process.abide = Some(abide);
        });
        process
    }

    /// Requests are answered, or it is unknown what came of them (`None`).
    pub fn answered(&mut self, number: u64, answers: Option<Vec<Response>>) {
        for answer in answers.iter().flatten() {
            self.programs.told(answer);
            promises(answer).for_each(|promise| self.learn(promise));
        }
        for promise in self.link.recorded(number, answers.as_deref().unwrap_or_default()) {
            self.programs.saw(&promise);
            self.learn(&promise);
        }
        self.link.answered(number, answers.map_or(Outcome::Lost, Outcome::Answered));
    }

    /// The engine does not take requests so any more: it is another one, that offers less. Nothing
    /// was carried out.
    pub fn turned_back(&mut self, number: u64, extensions: Extensions) {
        self.link.recorded(number, &[]);
        self.link.offers(extensions);
        self.link.answered(number, Outcome::TurnedBack);
    }

    /// The process learns what the engine offers.
    pub fn offers(&mut self, extensions: Extensions) {
        self.link.offers(extensions);
    }

    /// A message has come.
    pub fn message(&mut self, message: Message) {
        if let Message::Unblock { promise } = &message {
            self.programs.saw(promise);
        }
        self.link.message(message);
    }

    /// Does what is to be done by now, until there is nothing left or `interrupt` says so, which
    /// is asked after every step.
    pub fn run(&mut self, clock: Clock, interrupt: impl FnMut() -> bool) -> Ran {
        let ran = self.within(|process| process.executor.run(clock, interrupt));
        let durable = &self.durable;
        self.programs.take_started(|scope| durable.get(scope).copied());
        ran
    }

    /// Takes what it wants done.
    pub fn wants(&mut self) -> Vec<Wanted> {
        self.link.wants()
    }

    /// When it has to be run again, by its steady clock, if nothing happens before.
    pub fn next(&self) -> Option<Millis> {
        self.executor.next_alarm()
    }

    /// Has it take no more work, finish or give back what it has, and end.
    pub fn close(&mut self) {
        let Some(abide) = self.abide.take() else { return };
        let closed = self.closed.clone();
        self.within(|process| {
            process.executor.spawn(async move {
                abide.close().await;
                closed.store(true, std::sync::atomic::Ordering::Relaxed);
            });
        });
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.closed.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Does something as this process.
    fn within<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = fastrand::get_seed();
        fastrand::seed(self.seed);
        let result = act(self);
        self.seed = fastrand::get_seed();
        fastrand::seed(before);
        result
    }

    /// Notes that a promise is durable.
    fn learn(&mut self, promise: &PromiseRecord) {
        let headers = promise.param.headers.as_ref();
        let trace = headers.and_then(|headers| headers.get(trace::HEADER));
        let trace = trace.and_then(Trace::decode);
        if let (Some(trace), Some(scope)) = (trace, promise.tags.get(tag::PARENT)) {
            let last = self.durable.entry(scope.to_owned()).or_default();
            *last = (*last).max((trace.base, trace.turn));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.abide = None;
        self.executor.close();
    }
}

fn millis(millis: Millis) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// What the process does by itself: it serves, and begins an execution if it has to.
async fn main(abide: Abide, programs: Arc<Programs>, begins: Option<Id>) {
    let worker = abide.worker();
    // Whoever closes the process holds the last handle.
    drop(abide);
    let Some(id) = begins else { return };
    let Some(ask) = programs.root(&id) else { return };
    while let Err(error) = start::here(&worker, &id, &ask).await {
        tracing::warn!(%id, "cannot be begun yet: {error}");
        if worker.is_closing() {
            return;
        }
        super::time::sleep(AGAIN).await;
    }
    // It hears of the end by a listener.
    let _ = worker.wait(&id).await;
}
