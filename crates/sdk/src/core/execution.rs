//! The execution: a tree of scopes, what moves it, and what it wants.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    ask::Ask,
    children::{Own, Phase, Scope},
    draining::Draining,
    event::Event,
    fault::Fault,
    intent::{Intent, Op},
    limits,
    order::Order,
    outcome::{End, Outcome},
    poll::Polled,
    reclaim::Past,
    record::Records,
    scope::Shared,
    slots::Slots,
    wake::{RunQueue, ScopeKey, ScopeWaker},
};
use crate::hash::{HashMap, HashSet};

/// Whether there is more to do right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Something moved. Take the intents, then go on.
    Moved,
    /// Give way to the runtime once, then go on: something may be about to wake a scope.
    Yield,
    /// Nothing moves until an event or a wake.
    Idle,
}

/// One execution tree, as far as it runs in this process.
pub(crate) struct Execution {
    pub(super) scopes: Slots<Scope>,
    pub(super) intents: VecDeque<Intent>,
    pub(super) queue: Arc<RunQueue>,
    /// What is recorded of a scope that is new.
    nothing: Arc<Records>,
    /// Scopes whose turn closes unless something wakes them, with their polls so far.
    yielding: Vec<(ScopeKey, u32)>,
    yielded: bool,
    /// Whether what is sent first is durable first, so that a result may follow its record at once.
    pub(super) ordered: bool,
    /// Creations, cancellations and settlements on their way.
    pub(super) in_flight: usize,
    /// Cancellations that wait for what is on its way below them.
    pub(super) draining: Draining,
    /// The creations among them of what is not executed here: nothing waits for those but what
    /// waits for what they create.
    pub(super) leaving: HashSet<Op>,
    /// Creations that may not be sent yet.
    pub(super) waiting: usize,
    /// Children that are awaited though nobody may have polled them since: their scopes have ended,
    /// or their creations were not sent when they were polled.
    pub(super) unpolled: Vec<Op>,
    /// Scopes that wait for something only this process can bring about.
    pub(super) busy: usize,
    suspended: bool,
    pub(super) over: bool,
}

impl Execution {
    /// An execution of a root function. `fresh` says that nothing of it can be recorded yet;
    /// otherwise its records are loaded first.
    pub(crate) fn new(id: Arc<str>, ask: Arc<Ask>, fresh: bool, ordered: bool) -> Self {
        let mut this = Self {
            scopes: Slots::default(),
            intents: VecDeque::new(),
            queue: Arc::default(),
            nothing: Arc::default(),
            yielding: Vec::new(),
            yielded: false,
            ordered,
            in_flight: 0,
            draining: Draining::default(),
            leaving: HashSet::default(),
            waiting: 0,
            unpolled: Vec::new(),
            busy: 0,
            suspended: false,
            over: false,
        };
        this.add(id, None, ask, Own::Durable, fresh);
        this
    }

    /// The next thing to do outside.
    pub(crate) fn intent(&mut self) -> Option<Intent> {
        self.intents.pop_front()
    }

    /// The scopes that were woken, for the driver to register with.
    pub(crate) fn queue(&self) -> Arc<RunQueue> {
        self.queue.clone()
    }

    /// Whether it has said its last word.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether it waits for something that only this process can bring about.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy > 0
    }

    /// Asks again for a suspension, after one that was not granted brought no news.
    pub(crate) fn resume(&mut self) {
        self.suspended = false;
    }

    /// Takes an event in.
    pub(crate) fn handle(&mut self, event: Event) {
        self.suspended = false;
        if self.over {
            return;
        }
        match event {
            Event::Loaded { scope, records } => self.loaded(scope, records),
            Event::Created { op, outcome } => self.created(op, outcome),
            Event::Settled { op, outcome } => {
                self.in_flight -= 1;
                self.settled(op, outcome);
            }
            Event::Canceled { op } => self.canceled(op),
            Event::Arrived { op, outcome } => self.settled(op, outcome),
            Event::Retry { scope, at } => self.retry(scope, at),
            Event::GiveUp { scope } => self.give_up(scope),
        }
    }

    /// Moves one scope by one step.
    pub(crate) fn advance(&mut self) -> Progress {
        if self.over {
            // Its last word may not have been taken yet.
            return if self.intents.is_empty() { Progress::Idle } else { Progress::Moved };
        }
        if let Some(scope) = self.queue.pop() {
            (self.yielded, self.suspended) = (false, false);
            self.run(scope);
            return Progress::Moved;
        }
        if !self.yielding.is_empty() {
            if !std::mem::replace(&mut self.yielded, true) {
                return Progress::Yield;
            }
            self.yielded = false;
            for (scope, polls) in std::mem::take(&mut self.yielding) {
                self.close_if_quiet(scope, polls);
            }
            return Progress::Moved;
        }
        self.suspend_if_idle();
        if self.intents.is_empty() { Progress::Idle } else { Progress::Moved }
    }

    /// Adds a scope. A fresh one starts at once, another one when its records are loaded.
    pub(super) fn add(
        &mut self,
        id: Arc<str>,
        op: Option<Op>,
        ask: Arc<Ask>,
        own: Own,
        fresh: bool,
    ) -> ScopeKey {
        let (records, queue) = (self.nothing.clone(), self.queue.clone());
        let scope_id = id.clone();
        let scope = move |key| Scope {
            shared: Shared::new(id, ask.fingerprint, ScopeWaker::new(key, queue), &records),
            op,
            ask,
            records,
            future: None,
            phase: Phase::Loading,
            polls: 0,
            replays: 0,
            children: HashMap::default(),
            abandoned: Vec::new(),
            endless: Vec::new(),
            detached: Vec::new(),
            past: Past::default(),
            order: Order::default(),
            own,
            spawned: 0,
            busy: false,
        };
        let key = self.scopes.insert(scope);
        if fresh {
            self.begin(key);
        } else {
            self.set_busy(key, true);
            self.intents.push_back(Intent::Load { scope: key, id: scope_id });
        }
        key
    }

    /// Starts a scope's body from the top.
    pub(super) fn start(&mut self, key: ScopeKey) {
        let wake = ScopeWaker::new(key, self.queue.clone());
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let (id, fingerprint) = (scope.shared.id.clone(), scope.ask.fingerprint);
        scope.shared = Shared::new(id, fingerprint, wake, &scope.records);
        self.begin(key);
    }

    fn begin(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let body = scope.ask.body.clone().expect("what is executed here has a body");
        scope.future = Some(body());
        scope.phase = Phase::Open;
        scope.polls = 0;
        scope.children.clear();
        scope.abandoned.clear();
        scope.endless.clear();
        scope.detached.clear();
        scope.spawned = 0;
        scope.shared.waker().wake_by_ref();
        self.set_busy(key, false);
    }

    fn run(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        match scope.phase {
            Phase::Open => self.poll_in_turn(key),
            Phase::Closed => {
                if scope.shared.wake.take() {
                    self.poll_outside(key);
                } else {
                    self.open(key);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let opened = scope.shared.lock().open(&scope.shared.id);
        match opened {
            Ok(Some(waker)) => {
                scope.phase = Phase::Open;
                scope.polls = 0;
                waker.wake();
                self.poll_in_turn(key);
            }
            Ok(None) => {}
            Err(fault) => self.fault(key, fault),
        }
    }

    /// Polls until nothing moves, then closes the turn.
    fn poll_in_turn(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        while scope.shared.wake.take() {
            scope.polls += 1;
            match scope.poll() {
                Polled::Pending if scope.polls < limits::POLLS_PER_TURN => {}
                Polled::Pending if scope.is_leaf() => return self.close(key, None),
                Polled::Pending => {
                    let at = scope.shared.id.to_string();
                    return self.fault(key, Fault::Spinning { at });
                }
                Polled::Ended(end) => return self.close(key, Some(end)),
                Polled::Panicked(end) => return self.panicked(key, end),
            }
        }
        if scope.shared.foreign_holders() > 0 {
            self.yielding.push((key, scope.polls));
            return;
        }
        self.close(key, None);
    }

    /// The runtime had its chance: if nothing moved meanwhile, the turn is over.
    fn close_if_quiet(&mut self, key: ScopeKey, polls: u32) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        if matches!(scope.phase, Phase::Open) && scope.polls == polls {
            self.close(key, None);
        }
    }

    /// Polls a scope that something other than a delivery has woken (rule 11).
    fn poll_outside(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let polled = scope.poll();
        let ended = !matches!(polled, Polled::Pending);
        let checked = scope.shared.lock().outside_a_turn(&scope.shared.id, ended);
        match (checked, polled) {
            (Err(fault), _) => self.fault(key, fault),
            (Ok(()), Polled::Pending) => self.rest(key),
            (Ok(()), Polled::Ended(end)) => self.ended(key, end),
            (Ok(()), Polled::Panicked(end)) => self.panicked(key, end),
        }
    }

    fn close(&mut self, key: ScopeKey, end: Option<End>) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        scope.phase = Phase::Closed;
        let closed = scope.shared.lock().close(&scope.shared.id, end.is_some());
        match closed {
            Ok(closed) => self.born(key, closed),
            Err(fault) => return self.fault(key, fault),
        }
        match end {
            Some(end) => self.ended(key, end),
            None => self.rest(key),
        }
    }

    /// A scope has nothing to do for now, or has a turn to make.
    fn rest(&mut self, key: ScopeKey) {
        self.abandon(key);
        let Some(scope) = self.scopes.get(key) else { return };
        let state = scope.shared.lock();
        let (next, foreign) = (state.has_next(), state.calls.registered() == 0);
        drop(state);
        if next {
            self.queue.push(key);
        }
        self.set_busy(key, foreign && !next);
    }

    /// The future is done. What only it awaited goes with it.
    pub(super) fn end(&mut self, key: ScopeKey, phase: Phase) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        scope.phase = phase;
        let lost: Vec<_> = scope
            .children
            .iter()
            .filter(|(_, child)| !child.spawned && child.ask.kind.is_local())
            .map(|(&ordinal, _)| ordinal)
            .collect();
        let outlasting = scope.children.iter().filter(|(_, child)| child.outlasts());
        self.unpolled.extend(outlasting.map(|(&ordinal, _)| Op { scope: key, ordinal }));
        self.set_busy(key, false);
        for ordinal in lost {
            self.drop_child(key, ordinal);
        }
        self.pump(key);
    }

    /// Drops a scope and everything below it.
    pub(super) fn remove(&mut self, key: ScopeKey) {
        let (mut next, mut doomed) = (Some(key), Vec::new());
        while let Some(key) = next.take().or_else(|| doomed.pop()) {
            let Some(scope) = self.scopes.remove(key) else { continue };
            self.busy -= usize::from(scope.busy);
            self.waiting -= scope.order.waiting();
            doomed.extend(scope.children.values().filter_map(|child| child.scope));
            self.draining.orphan(key, scope.shared.id.clone(), scope.order.in_flight());
            let _ = catch_unwind(AssertUnwindSafe(|| drop(scope.future)));
        }
    }

    pub(super) fn set_busy(&mut self, key: ScopeKey, busy: bool) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        self.busy = self.busy + usize::from(busy) - usize::from(scope.busy);
        scope.busy = busy;
    }

    pub(super) fn complete(&mut self, outcome: Outcome) {
        self.intents.push_back(Intent::Complete { outcome });
        self.over = true;
    }

    /// Suspends when only remote calls, timers and promises are awaited.
    fn suspend_if_idle(&mut self) {
        let quiet = self.busy == 0 && self.waiting == 0 && self.intents.is_empty();
        if quiet && !self.suspended && self.sent_all() {
            self.suspended = true;
            self.intents.push_back(Intent::Suspend);
        }
    }

    /// Whether nothing on its way moves anything here when it has arrived. Where the order is
    /// kept, that holds for what creates remote calls, timers and promises, too, unless it is the
    /// last thing that a result waits for.
    fn sent_all(&self) -> bool {
        let ended = |op: &Op| {
            self.scopes.get(op.scope).is_some_and(|scope| !matches!(scope.phase, Phase::Closed))
        };
        match self.in_flight {
            0 => true,
            some => self.ordered && some == self.leaving.len() && !self.leaving.iter().any(ended),
        }
    }
}
