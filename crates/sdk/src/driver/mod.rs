//! The driver of one execution: carries out what the core wants, and tells it what happened.

mod answered;
mod awaits;
mod give_way;
mod load;
mod ops;
mod outgoing;
mod perform;
mod suspend;
mod watch;

use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use abide_protocol::{Millis, PromiseRecord};
use awaits::Awaits;
use futures_util::{FutureExt, StreamExt};
use ops::Ops;
use outgoing::{About, Outgoing};
use tokio::sync::mpsc;

use crate::{
    clock,
    core::{
        ask::Ask,
        event::Event,
        execution::{Execution, Progress},
        intent::Op,
        outcome::Outcome,
        wake::RunQueue,
    },
    error::Error,
    hash::HashMap,
    state, task, time,
    wire::Held,
    worker::{Answers, Claim, Lease, Lost, Note, Permit, Travel, Worker},
};

/// What it takes to remember one id, in bytes: an entry of a table and the text.
const KNOWN: usize = 128;

/// Drives one execution.
struct Driver {
    worker: Arc<Worker>,
    held: Held,
    lease: Arc<Lease>,
    execution: Execution,
    /// How its requests travel, from its beginning to its end.
    travel: Travel,
    outgoing: Outgoing,
    ops: Ops,
    notes: mpsc::UnboundedReceiver<Note>,
    /// Deadlines that differ from the execution's own, and those of timers.
    deadlines: HashMap<Arc<str>, Millis>,
    awaits: Awaits,
    /// What the engine said to the request to suspend.
    verdict: Option<suspend::Verdict>,
    /// Whether the task may be suspended already: an answer was lost.
    in_doubt: bool,
    /// Whether the engine knows all that is awaited and not new, and tells what is settled of it.
    again: bool,
    permit: Option<Permit>,
}

/// What an operation came to.
enum Done {
    /// A group of requests is answered, or lost.
    Group { about: Vec<About>, answers: Result<Answers, Lost> },
    /// Something awaited is settled.
    Arrived { op: Op, id: Arc<str>, outcome: Outcome },
    /// A child is canceled, and all that it owns.
    Canceled { op: Op },
    /// It is time to listen to these.
    Unheard(Vec<Arc<str>>),
    /// The records of a scope.
    Loaded { scope: u64, parent: Arc<str>, promises: Vec<Arc<PromiseRecord>> },
    /// Nothing to tell.
    Nothing,
    /// The task is not held any more, or the engine is out of reach.
    Lost(String),
    /// The engine will not have it, now or ever.
    Refused { at: String, why: String },
}

/// What a driver waits for.
enum News {
    /// A scope can go on.
    Woken,
    /// An operation came to something.
    Done(Done),
    /// The worker says something; nothing if it has given the execution up.
    Note(Option<Note>),
    /// Something awaited is due.
    Due,
}

/// How a driver ends.
enum End {
    /// The execution's promise is settled.
    Settled(Outcome),
    /// Somebody else goes on with it.
    Lost(String),
    /// The execution is halted.
    Halted(Error),
    /// This process is about to end.
    Left,
}

/// Drives an execution in a task of its own, unless it is driven here already: it may be claimed
/// in two ways, by whoever begins it and by whoever was offered it, if their answers are lost.
pub(crate) fn spawn(
    worker: &Arc<Worker>,
    claim: &Claim,
    lease: Arc<Lease>,
    ask: Arc<Ask>,
    permit: Permit,
) {
    let (promise, version) = (&claim.promise, claim.task.version);
    let (notes, receiver) = mpsc::unbounded_channel();
    if !worker.begin(&promise.id, version, lease.clone(), notes) {
        return;
    }
    let held = Held::new(&worker.settings.layers, promise, version);
    let travel = worker.travel();
    let ordered = travel != Travel::Alone;
    let execution = Execution::new(promise.id.as_str().into(), ask, claim.fresh, ordered);
    let driver = Driver {
        worker: worker.clone(),
        held,
        lease,
        execution,
        travel,
        outgoing: Outgoing::default(),
        ops: Ops::default(),
        notes: receiver,
        deadlines: HashMap::default(),
        awaits: Awaits::default(),
        verdict: None,
        in_doubt: false,
        again: false,
        permit: Some(permit),
    };
    let id = promise.id.clone();
    let state = worker.settings.state.clone();
    let driving = task::spawn(state::within(state, driver.drive().boxed()));
    worker.driven_by(&id, version, driving);
}

impl Driver {
    async fn drive(mut self) {
        let end = self.run().await;
        let Self { worker, held, execution, permit, .. } = self;
        // The futures go before anybody hears of the end.
        drop(execution);
        drop(permit);
        match end {
            End::Settled(outcome) => {
                worker.end(&held.id, held.version);
                worker.tell(&held.id, Ok(outcome));
            }
            End::Lost(why) => {
                tracing::warn!(id = %held.id, "the task is lost: {why}");
                worker.end(&held.id, held.version);
                worker.listen(&held.id);
            }
            End::Left => {
                let Held { id, version, .. } = held;
                worker.release(id.clone(), version, Duration::ZERO).boxed().await;
                worker.end(&id, version);
            }
            End::Halted(error) => {
                tracing::error!(id = %held.id, "halted: {error}");
                #[cfg(feature = "sim")]
                if let Some(programs) = &worker.settings.programs {
                    programs.stopped(&held.id, &error);
                }
                worker.end(&held.id, held.version);
                worker.tell(&held.id, Err(error));
            }
        }
    }

    async fn run(&mut self) -> End {
        loop {
            // Nothing is done for a task that may be somebody else's by now.
            if !self.lease.is_sure() {
                let Held { id, version, .. } = &self.held;
                let verified = self.worker.verify(id, *version, &self.lease).boxed();
                if let Err(why) = verified.await {
                    return End::Lost(why);
                }
            }
            if self.worker.is_leaving() && self.execution.is_between_steps() {
                return End::Left;
            }
            while let Some(intent) = self.execution.intent() {
                if let Some(slow) = self.perform(intent)
                    && let Some(end) = slow.await
                {
                    return end;
                }
            }
            // What gains nothing by waiting is sent before the program goes on.
            self.flush_early();
            if let Some(end) = self.take_all() {
                return end;
            }
            match self.execution.advance() {
                Progress::Moved => {}
                Progress::Yield => {
                    self.flush();
                    if let Some(end) = self.take_all() {
                        return end;
                    }
                    give_way::give_way().await;
                }
                Progress::Idle => {
                    self.watch();
                    self.flush();
                    if let Some(end) = self.wait().await {
                        return end;
                    }
                }
            }
        }
    }

    /// Takes in what has happened, which also sends what was flushed.
    fn take_all(&mut self) -> Option<End> {
        while let Some(Some(done)) = self.ops.next().now_or_never() {
            if let Some(end) = self.take(done) {
                return Some(end);
            }
        }
        None
    }

    /// Waits until something happens.
    async fn wait(&mut self) -> Option<End> {
        let queue = self.execution.queue();
        let news = self.next(&queue).await;
        // What is woken by the news wakes nobody who waits: the driver is awake, and would only be
        // scheduled once more, for nothing.
        queue.unregister();
        match news {
            News::Woken => None,
            News::Done(done) => self.take(done),
            News::Note(Some(note)) => self.note(note),
            News::Note(None) => Some(End::Lost("this process gave it up".to_owned())),
            News::Due => {
                self.look_at_due();
                None
            }
        }
    }

    async fn next(&mut self, queue: &RunQueue) -> News {
        let due = self.awaits.first_due().map(clock::until);
        let woken =
            poll_fn(|cx| if queue.register(cx.waker()) { Poll::Pending } else { Poll::Ready(()) });
        tokio::select! {
            biased;
            () = woken => News::Woken,
            Some(done) = self.ops.next(), if !self.ops.is_empty() => News::Done(done),
            note = self.notes.recv() => News::Note(note),
            // A timer is made only where there is something to wait for.
            () = async { time::sleep(due.unwrap_or_default()).await }, if due.is_some() => News::Due,
        }
    }

    fn note(&mut self, note: Note) -> Option<End> {
        match note {
            Note::Settled(promise) => {
                self.arrived(&promise);
            }
            // It was running, so this is somebody else's news.
            Note::Resume { version, permit, .. } => {
                self.held.version = version;
                self.permit = Some(permit);
            }
            Note::Lost { version, why } if version == self.held.version => {
                return Some(End::Lost(why.to_owned()));
            }
            // It has been suspended and acquired again since.
            Note::Lost { .. } => {}
        }
        None
    }

    /// Takes in what an operation came to.
    fn take(&mut self, done: Done) -> Option<End> {
        match done {
            Done::Nothing => {}
            Done::Group { about, answers } => return self.answered(about, answers),
            Done::Arrived { op, id, outcome } => {
                self.forget(&id);
                self.execution.handle(Event::Arrived { op, outcome });
            }
            Done::Canceled { op } => self.execution.handle(Event::Canceled { op }),
            Done::Unheard(unheard) => self.register(unheard),
            Done::Loaded { scope, parent, promises } => self.loaded(scope, &parent, &promises),
            Done::Lost(why) => return Some(End::Lost(why)),
            Done::Refused { at, why } => self.execution.refused(at, why),
        }
        None
    }

    /// Bytes that it holds, roughly.
    fn weight(&self) -> usize {
        let known = self.deadlines.len() + self.awaits.names();
        size_of::<Self>() + self.execution.weight() + known * KNOWN
    }

    /// The deadline of a promise of this execution.
    fn deadline(&self, id: &str) -> Millis {
        let mut id = id;
        while !self.deadlines.is_empty() {
            if let Some(deadline) = self.deadlines.get(id) {
                return *deadline;
            }
            match id.rsplit_once(['.', ':']) {
                Some((parent, _)) if parent.len() >= self.held.id.len() => id = parent,
                _ => break,
            }
        }
        self.held.timeout_at
    }
}
