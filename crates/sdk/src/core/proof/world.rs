//! A world for one execution: a store, a network that loses what a crash interrupts, and time
//! that takes any course.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    interpret::{Env, root},
    left::{Left, Started, Stored, ordinal, parent},
    program::Node,
    random::Random,
};
use crate::core::{
    ask::Kind,
    cancellation::Cancellation,
    event::Event,
    execution::{Execution, Progress},
    fault::Fault,
    intent::{Cancel, Intent},
    outcome::Outcome,
    record::Record,
    trace::Trace,
    wake::ScopeKey,
};

/// The id of the root promise.
pub(super) const ROOT: &str = "root";

/// How a run is disturbed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weather {
    /// Crash after every durable write, instead of after some.
    pub(super) crash_always: bool,
    /// One crash in this many durable writes.
    pub(super) crash_one_in: usize,
    /// Whether what is sent first is durable first.
    pub(super) ordered: bool,
    /// The program moves in this many steps out of six; the world moves in the others.
    pub(super) pace: usize,
}

/// The state of a run.
pub(super) struct World {
    pub(super) env: Arc<Env>,
    pub(super) store: BTreeMap<String, Stored>,
    /// What was in the store and is reclaimed.
    pub(super) past: BTreeMap<String, Stored>,
    pub(super) result: Option<Outcome>,
    pub(super) crashes: usize,
    pub(super) story: Option<Vec<String>>,
    /// The bodies that were started, each with the last turn of its caller that was durable then.
    pub(super) started: Vec<Started>,
    /// The scopes whose records were loaded since the last crash.
    pub(super) loaded: Vec<(ScopeKey, Arc<str>)>,
    /// What no store may ever be asked for.
    wrong: Option<String>,
    program: Arc<Node>,
    pub(super) random: Random,
    weather: Weather,
    pub(super) clock: i64,
    sent: Vec<Intent>,
    replies: Vec<Event>,
    pub(super) suspended: bool,
}

/// Steps after which a run is taken to be stuck.
const STEPS: usize = 1_000_000;

impl World {
    pub(super) fn new(seed: u64, program: Arc<Node>, weather: Weather, tell: bool) -> Self {
        Self {
            env: Env::new(seed),
            store: BTreeMap::new(),
            past: BTreeMap::new(),
            result: None,
            crashes: 0,
            story: tell.then(Vec::new),
            started: Vec::new(),
            loaded: Vec::new(),
            wrong: None,
            program,
            random: Random::new(seed ^ 0xabcdef),
            weather,
            clock: 0,
            sent: Vec::new(),
            replies: Vec::new(),
            suspended: false,
        }
    }

    /// Runs the program to its end, through all crashes.
    pub(super) fn run(&mut self) -> Result<(), String> {
        let mut execution = self.begin(true);
        for _ in 0..STEPS {
            self.take_intents(&mut execution)?;
            self.take_effects();
            if let Some(why) = self.wrong.take() {
                return Err(why);
            }
            if self.result.is_some() {
                return Ok(());
            }
            if self.step(&mut execution)? {
                self.crash();
                execution = self.begin(false);
            }
        }
        Err("the run does not end".to_owned())
    }

    /// All records that there ever were.
    pub(super) fn ever(&self) -> impl Iterator<Item = (&String, &Stored)> {
        self.store.iter().chain(&self.past)
    }

    /// What it has left behind.
    pub(super) fn left(&self) -> Left<'static> {
        let records = self.ever().map(|(id, stored)| (id.clone(), stored.clone())).collect();
        let (result, started) = (self.result.clone(), self.started.clone());
        Left { root: ROOT, records, result, started }
    }

    pub(super) fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(what());
        }
    }

    fn take_effects(&mut self) {
        for (id, func, args) in std::mem::take(&mut *self.env.effects.lock().unwrap()) {
            let siblings = self.store.values().filter(|s| Some(&*s.parent) == parent(&id));
            let after = siblings.map(|s| (s.trace.base, s.trace.turn)).max();
            self.started.push(Started { id, func, args, after });
        }
    }

    fn begin(&mut self, fresh: bool) -> Execution {
        let ask = root(&self.env, &self.program);
        Execution::new(ROOT.into(), ask, fresh, self.weather.ordered)
    }

    fn crash(&mut self) {
        self.tell(|| "CRASH".to_owned());
        self.crashes += 1;
        self.sent.clear();
        self.replies.clear();
        self.suspended = false;
        self.loaded.clear();
        self.env.waiting.lock().unwrap().clear();
        self.env.deferred.lock().unwrap().clear();
    }

    fn take_intents(&mut self, execution: &mut Execution) -> Result<(), String> {
        while let Some(intent) = execution.intent() {
            self.tell(|| format!("wants {intent:?}"));
            match intent {
                Intent::Load { scope, id } => {
                    let records = self.records(&id);
                    self.loaded.push((scope, id.clone()));
                    self.replies.push(Event::Loaded { scope, records });
                }
                Intent::Suspend => self.suspended = true,
                Intent::Retry { scope, attempt, .. } => {
                    let give_up = attempt > 2 || self.random.one_in(3);
                    let at = self.clock;
                    execution.handle(if give_up {
                        Event::GiveUp { scope }
                    } else {
                        Event::Retry { scope, at }
                    });
                }
                Intent::Stop(fault) => return Err(describe(&fault)),
                other => self.sent.push(other),
            }
        }
        Ok(())
    }

    /// The records below a scope, as a page read would give them.
    fn records(&self, parent: &str) -> Vec<Record> {
        let children = self.store.iter().filter(|(_, stored)| stored.parent == parent);
        children
            .map(|(id, stored)| Record {
                ordinal: ordinal(id),
                // Through the text, as it is on the wire.
                trace: Trace::decode(&stored.trace.encode()),
                outcome: stored.outcome.clone(),
                settled_at: stored.settled_at,
                canceled: stored
                    .canceled
                    .as_ref()
                    .and_then(|canceled| Cancellation::decode(&canceled.encode())),
                state: Some(stored.args.as_str().into()),
            })
            .collect()
    }

    /// One random thing happens; true if it was a crash.
    fn step(&mut self, execution: &mut Execution) -> Result<bool, String> {
        let mut stuck = !self.suspended && self.random.below(6) < self.weather.pace && {
            match execution.advance() {
                Progress::Moved => return Ok(false),
                Progress::Yield => {
                    for waker in std::mem::take(&mut *self.env.deferred.lock().unwrap()) {
                        waker.wake();
                    }
                    return Ok(false);
                }
                Progress::Idle => true,
            }
        };
        for _ in 0..4 {
            let moved = match self.random.below(7) {
                0 | 1 => self.write(),
                2 => self.reply(execution),
                3 => self.wake_a_leaf(),
                4 => self.settle_something(),
                5 => self.tell_early(execution),
                _ => self.tell_of_arrivals(execution),
            };
            match moved {
                Some(Moved::Crash) => return Ok(true),
                Some(Moved::Yes) => return Ok(false),
                None => {}
            }
        }
        stuck &= self.sent.is_empty() && self.replies.is_empty();
        stuck &= self.env.waiting.lock().unwrap().is_empty() && !self.suspended;
        stuck &= self.store.values().all(|s| s.outcome.is_some() || s.identity().kind.is_local());
        let news = execution.awaited().iter().any(|(_, id)| self.is_settled(id));
        if stuck && !news && !execution.is_over() {
            return Err("the execution is stuck".to_owned());
        }
        Ok(false)
    }

    pub(super) fn is_settled(&self, id: &str) -> bool {
        self.store.get(id).is_some_and(|stored| stored.outcome.is_some())
    }

    /// One of the writes on their way becomes durable.
    fn write(&mut self) -> Option<Moved> {
        if self.sent.is_empty() {
            return None;
        }
        let i = if self.weather.ordered { 0 } else { self.random.below(self.sent.len()) };
        let intent = self.sent.remove(i);
        self.tell(|| format!("durable {intent:?}"));
        self.clock += 1;
        match intent {
            Intent::Create(create) => {
                self.nothing_below_what_is_canceled(&create.id);
                let born_settled = matches!(create.ask.kind, Kind::Save | Kind::Marker);
                let stored = self.store.entry(create.id.to_string()).or_insert_with(|| Stored {
                    parent: create.parent.to_string(),
                    args: create.ask.args.to_string(),
                    trace: create.trace,
                    outcome: born_settled.then_some(Outcome::Resolved(None)),
                    settled_at: 0,
                    canceled: None,
                });
                let outcome = stored.outcome.clone();
                self.replies.push(Event::Created { op: create.op, outcome });
            }
            Intent::Settle { op, id, outcome } => {
                let clock = self.clock;
                let stored = self.store.get_mut(&*id).expect("a result follows its record");
                if stored.outcome.is_none() {
                    stored.settled_at = clock;
                }
                let outcome = stored.outcome.get_or_insert(outcome).clone();
                self.replies.push(Event::Settled { op, outcome });
            }
            Intent::Cancel(Cancel { op, id, trace }) => {
                self.cancel(&id, trace);
                self.replies.push(Event::Canceled { op });
            }
            Intent::Complete { outcome } => self.result = Some(outcome),
            Intent::Reclaim { ids } => {
                // Without an order it is not sent: what is to end one of them may be on its way.
                if self.weather.ordered {
                    ids.iter().for_each(|id| self.reclaim(id));
                }
                return Some(Moved::Yes);
            }
            other => unreachable!("not a write: {other:?}"),
        }
        let crash = self.result.is_none()
            && (self.weather.crash_always || self.random.one_in(self.weather.crash_one_in));
        Some(if crash { Moved::Crash } else { Moved::Yes })
    }

    /// Cancels a promise and, as the engine does, what is pending below it, unless that is detached.
    fn cancel(&mut self, id: &str, trace: Cancellation) {
        let clock = self.clock;
        let mut canceled = vec![id.to_owned()];
        match self.store.get_mut(id) {
            Some(stored) if stored.outcome.is_none() => stored.canceled = Some(trace),
            Some(_) => return,
            None => {
                self.wrong = Some(format!("{id} is canceled and was never created"));
                return;
            }
        }
        while let Some(id) = canceled.pop() {
            let stored = self.store.get_mut(&id).expect("it was found");
            (stored.outcome, stored.settled_at) = (Some(Outcome::Canceled(None)), clock);
            let owned = |stored: &Stored| {
                stored.parent == id
                    && stored.outcome.is_none()
                    && stored.identity().kind != Kind::Detached
            };
            let below = self.store.iter().filter(|(_, stored)| owned(stored));
            canceled.extend(below.map(|(id, _)| id.clone()));
        }
    }

    /// Nothing may be written below what is canceled: nobody would find it again.
    fn nothing_below_what_is_canceled(&mut self, id: &str) {
        let mut above = parent(id);
        while let Some(id_above) = above {
            let stored = self.store.get(id_above);
            if stored.is_some_and(|s| matches!(s.outcome, Some(Outcome::Canceled(_)))) {
                self.wrong = Some(format!("{id} is written below {id_above}, which is canceled"));
            }
            above = parent(id_above);
        }
    }

    /// Deletes a promise with all that is below it, if all of it is settled.
    fn reclaim(&mut self, id: &str) {
        let family = |other: &str| {
            let rest = other.strip_prefix(id);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
        };
        let family: Vec<_> = self.store.keys().filter(|other| family(other)).cloned().collect();
        if family.iter().all(|id| self.is_settled(id)) {
            for id in family {
                let stored = self.store.remove(&id).expect("it was just there");
                self.past.insert(id, stored);
            }
        }
    }

    fn reply(&mut self, execution: &mut Execution) -> Option<Moved> {
        if self.replies.is_empty() {
            return None;
        }
        let i = if self.weather.ordered { 0 } else { self.random.below(self.replies.len()) };
        let event = self.replies.remove(i);
        self.tell(|| format!("told {event:?}"));
        // A suspension is not granted when something awaited is settled already.
        self.suspended &= !matches!(event, Event::Created { outcome: Some(_), .. });
        execution.handle(event);
        Some(Moved::Yes)
    }
}

/// Whether something happened.
pub(super) enum Moved {
    Yes,
    Crash,
}

fn describe(fault: &Fault) -> String {
    format!("{fault:?}")
}
