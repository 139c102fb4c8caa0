//! A scope, as its own future sees it: the part that durable awaits talk to.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use super::{
    ambient,
    ask::{Ask, Identity, Kind},
    base::Base,
    calls::Calls,
    fault::Fault,
    operation::Halted,
    outcome::Outcome,
    record::Records,
    replay::Replay,
    rule::Rule,
    site::Site,
    wake::ScopeWaker,
};
use crate::hash::HashMap;

/// The length of most ids at most.
const SHORT: usize = 80;

/// The state that a scope's future and the driver share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The id of the scope's promise.
    pub(crate) id: Arc<str>,
    /// Wakes the scope.
    pub(crate) wake: Arc<ScopeWaker>,
    /// The fingerprint of its arguments.
    pub(crate) fingerprint: u64,
    /// Which attempt at the function this is, from 1.
    pub(crate) attempt: u32,
    waker: Waker,
    state: Mutex<State>,
}

/// The turn machine of a scope.
#[derive(Debug)]
pub(crate) struct State {
    /// The live calls.
    pub(super) calls: Calls,
    /// The turn that is open, or else the last one that was closed.
    pub(super) turn: u64,
    /// The completion that the open turn delivers; turn 0 delivers none.
    pub(super) offer: Option<Offer>,
    /// What was asked for in this turn for the first time, in that order.
    pub(super) nascent: Vec<Nascent>,
    /// How often each call was asked for in this turn.
    pub(super) occurrences: HashMap<(Identity, Site), u32>,
    /// The next free number for a child.
    pub(super) next_ordinal: u32,
    /// The deliveries since the last turn that wrote a creation.
    pub(super) since: Vec<u32>,
    /// The recorded turns that are still to be made again.
    pub(super) replay: Option<Box<Replay>>,
    /// The next rank among settled calls.
    pub(super) next_rank: u64,
    /// Local children whose handles were dropped.
    pub(super) abandoned: Vec<u32>,
    /// Children that are canceled when their handles are dropped, and were in this turn, each with
    /// whether it was settled already.
    pub(super) dropped: Vec<(u32, bool)>,
    /// The last turn whose delivery could have gone to another call.
    pub(super) free_turn: Option<u64>,
    /// The last turn of which a creation is durable.
    pub(super) durable_turn: Option<u64>,
    /// Whether it ever made a durable call.
    pub(super) calls_made: bool,
    /// A fault seen in the middle of a turn; it is reported at the end.
    pub(super) diverged: Option<Fault>,
    /// Where the function began, or began anew; turns count from there.
    pub(super) base: Base,
    /// Spawned calls whose results nobody has taken.
    pub(super) spawned: usize,
    /// Whether it still has to ask for the state of its save point.
    pub(super) restored: Restored,
}

/// Whether a function asked for the state of its save point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restored {
    /// Not yet, and it has done nothing else.
    Not,
    /// It did.
    Yes,
    /// It went on without.
    Never,
}

/// The delivery of the open turn.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) call: u64,
    pub(super) ordinal: u32,
    pub(super) taken: bool,
}

/// A call that was first asked for in the open turn.
#[derive(Debug)]
pub(super) struct Nascent {
    pub(super) call: u64,
    pub(super) ask: Arc<Ask>,
    /// What it became, if it was born at once or is matched already.
    pub(super) born: Option<Number>,
    pub(super) at_once: bool,
}

/// What a call became.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) ordinal: u32,
    pub(super) occurrence: u32,
    pub(super) recorded: bool,
    pub(super) settled: bool,
}

impl Shared {
    /// A scope before its first poll, with what is recorded of it.
    pub(crate) fn new(
        id: Arc<str>,
        fingerprint: u64,
        wake: Arc<ScopeWaker>,
        records: &Arc<Records>,
    ) -> Arc<Self> {
        let first = if Rule::NewIdsAbove.holds() { records.highest + 1 } else { 1 };
        let state = State {
            calls: Calls::default(),
            turn: 0,
            offer: None,
            nascent: Vec::new(),
            occurrences: HashMap::default(),
            next_ordinal: first,
            since: Vec::new(),
            replay: Replay::new(records).map(Box::new),
            next_rank: records.settled,
            abandoned: Vec::new(),
            dropped: Vec::new(),
            free_turn: None,
            durable_turn: None,
            calls_made: records.calls_made,
            diverged: None,
            base: records.base.clone(),
            spawned: 0,
            restored: Restored::Not,
        };
        let waker = Waker::from(wake.clone());
        let attempt = records.base.attempt;
        Arc::new(Self { id, fingerprint, wake, attempt, waker, state: Mutex::new(state) })
    }

    /// The state. Nothing of the user's runs while it is locked.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The scope's waker.
    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// The id of a child: `root:1`, then `root:1.2`.
    pub(crate) fn child_id(&self, ordinal: u32) -> Arc<str> {
        let separator = if self.id.contains(':') { "." } else { ":" };
        let mut number = itoa::Buffer::new();
        let parts = [&*self.id, separator, number.format(ordinal)];
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length > SHORT {
            return parts.concat().into();
        }
        // Put together in place, so that the only memory it takes is its own.
        let (mut id, mut end) = ([0; SHORT], 0);
        for part in parts {
            id[end..end + part.len()].copy_from_slice(part.as_bytes());
            end += part.len();
        }
        str::from_utf8(&id[..end]).expect("it is made of text").into()
    }

    /// The state of the newest save point, if there is one. This is the first thing that a function
    /// asks for, or it is an error that ends the turn.
    pub(crate) fn restore(&self) -> Result<Option<Arc<str>>, Halted> {
        let mut state = self.lock();
        if state.restored != Restored::Not {
            state.diverged.get_or_insert(Fault::LateRestore { at: self.id.to_string() });
            return Err(Halted);
        }
        state.restored = Restored::Yes;
        Ok(state.base.state.clone())
    }

    /// The function cannot go on, for a reason that has to be fixed outside.
    pub(crate) fn halt(&self, fault: Fault) -> Halted {
        self.lock().diverged.get_or_insert(fault);
        Halted
    }

    /// A call was polled for the first time: it will exist if it lives at the end of the turn.
    pub(super) fn bind(&self, ask: Arc<Ask>) -> u64 {
        self.lock().ask(ask, false)
    }

    /// A call exists at once, since its id is wanted now.
    pub(super) fn begin(&self, ask: Arc<Ask>) -> (u64, Arc<str>) {
        let mut state = self.lock();
        let call = state.ask(ask, true);
        let ordinal = state.number_at_once(&self.id);
        (call, self.child_id(ordinal))
    }

    /// A call is polled: gives its completion if this turn delivers it.
    pub(super) fn poll(&self, call: u64, waker: &Waker) -> Option<Outcome> {
        let taken = self.lock().take_or_register(call, waker, &self.waker);
        let (outcome, elsewhere) = taken;
        if elsewhere {
            self.wake.awaits_elsewhere(call);
        }
        outcome
    }

    /// From now on, dropping the handle cancels the call.
    pub(super) fn cancel_on_drop(&self, call: u64) {
        self.lock().calls.cancel_on_drop(call);
    }

    /// A handle is dropped: by the function itself, or because the function is gone.
    pub(super) fn forget(&self, call: u64) {
        let within = ambient::current().is_some_and(|current| std::ptr::eq(&*current, self));
        let removed = self.lock().forget(call, within, &self.id);
        drop(removed);
    }

    /// How many others than durable calls hold the waker of this scope.
    pub(super) fn foreign_holders(&self) -> usize {
        let own = 2 + self.lock().calls.direct();
        Arc::strong_count(&self.wake).saturating_sub(own)
    }
}

impl State {
    fn ask(&mut self, ask: Arc<Ask>, at_once: bool) -> u64 {
        self.calls_made = true;
        self.skips_restoring(|| format!("{ask:?}"));
        self.spawned += usize::from(at_once && ask.kind.holds_its_scope());
        let call = self.calls.insert(ask.clone(), at_once);
        self.nascent.push(Nascent { call, ask, born: None, at_once });
        call
    }

    fn take_or_register(
        &mut self,
        call: u64,
        waker: &Waker,
        scope: &Waker,
    ) -> (Option<Outcome>, bool) {
        let delivered = match &mut self.offer {
            Some(offer) if offer.call == call => {
                offer.taken = true;
                true
            }
            _ => {
                let settled = self.calls.get(call).is_some_and(|call| call.is_settled());
                settled && !Rule::OneDeliveryATurn.holds()
            }
        };
        if delivered && let Some(call) = self.calls.remove(call) {
            self.spawned -= usize::from(call.at_once && call.ask.kind.holds_its_scope());
            if call.ask.kind == Kind::Save {
                self.rebase(&call);
            }
            return (call.into_outcome(), false);
        }
        (None, self.calls.register(call, waker, scope))
    }

    fn forget(&mut self, call: u64, within: bool, scope: &Arc<str>) -> Option<super::calls::Call> {
        if !Rule::BirthAtTheEnd.holds() && self.calls.get(call)?.ordinal.is_none() {
            return None;
        }
        let removed = self.calls.remove(call)?;
        let Some(ordinal) = removed.ordinal else { return Some(removed) };
        if removed.ask.kind.is_local() && !removed.at_once {
            self.abandoned.push(ordinal);
        }
        match within {
            true if removed.cancels => {
                let holds = removed.at_once && removed.ask.kind.holds_its_scope();
                self.spawned -= usize::from(holds);
                self.dropped.push((ordinal, removed.is_settled()));
            }
            // If the function is gone, nobody will ask. If it is not, a task that it spawned behind
            // the execution's back has dropped what it was given, and no turn accounts for that.
            false if removed.cancels => {
                let did = format!("dropped {:?}, which cancels it,", removed.ask);
                let at = scope.to_string();
                self.diverged.get_or_insert(Fault::ForeignWake { at, did });
            }
            _ => {}
        }
        Some(removed)
    }

    /// A child is settled. If its call is not matched yet, the news waits for it.
    pub(super) fn settle(&mut self, ordinal: u32, outcome: Outcome) {
        let rank = self.next_rank;
        self.next_rank += 1;
        // It was numbered in the turn that is open, and is not among the children before its end.
        let numbers = self.nascent.iter_mut().filter_map(|n| n.born.as_mut());
        numbers.filter(|born| born.ordinal == ordinal).for_each(|born| born.settled = true);
        match (self.calls.of_ordinal(ordinal), &mut self.replay) {
            (Some(call), _) => self.calls.settle(call, rank, outcome),
            (None, Some(replay)) => drop(replay.late.entry(ordinal).or_insert((rank, outcome))),
            (None, None) => {}
        }
    }

    /// The function is past a save point: what comes now begins with it.
    fn rebase(&mut self, save: &super::calls::Call) {
        let ordinal = save.ordinal.expect("only what is born is settled");
        self.base = self.base.saved(ordinal, save.ask.args.clone());
        if Rule::RebaseAtTheSave.holds() {
            self.turn = 0;
            self.offer = None;
            self.since.clear();
            self.occurrences.clear();
            (self.free_turn, self.durable_turn) = (None, None);
        }
    }

    /// A function goes on without the state of its save point: if there is one, it would begin at
    /// its beginning and do everything once more.
    pub(super) fn skips_restoring(&mut self, requested: impl FnOnce() -> String) {
        if self.restored != Restored::Not {
            return;
        }
        self.restored = Restored::Never;
        if self.base.state.is_some() {
            self.diverged.get_or_insert(Fault::Diverged {
                at: format!("save point {}", self.base.save),
                recorded: "the state of the function".to_owned(),
                requested: format!("{} before the state, by `saved`", requested()),
            });
        }
    }

    /// Whether a turn could be opened.
    pub(super) fn has_next(&self) -> bool {
        self.offer.is_none() && (self.replay.is_some() || self.calls.first_ready().is_some())
    }

    /// Whether no delivery since the last durable creation could have gone elsewhere (rule 6).
    pub(super) fn is_forced(&self) -> bool {
        self.free_turn.is_none_or(|free| self.durable_turn.is_some_and(|durable| free <= durable))
    }
}
