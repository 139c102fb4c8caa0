//! From turns to the store and back: what may be sent, what may start, what has arrived.

use std::sync::Arc;

use super::{
    ask::Kind,
    cancellation::Cancellation,
    children::{Child, Own, Phase},
    execution::Execution,
    fault::Fault,
    intent::{Cancel, Create, Intent, Op},
    order::Write,
    outcome::Outcome,
    reclaim::Past,
    record::{Record, Records},
    rule::Rule,
    trace::Trace,
    turn::Closed,
    wake::ScopeKey,
};

impl Execution {
    /// Takes the children that a turn gave birth to.
    pub(super) fn born(&mut self, key: ScopeKey, closed: Closed) {
        let Closed { born, canceled, turn, deliveries, live, caught_up, base } = closed;
        self.passed(key, &base);
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let mut creations = Vec::new();
        for born in born {
            let op = Op { scope: key, ordinal: born.ordinal };
            let own = if born.recorded { Own::Durable } else { Own::Waiting };
            if born.ask.kind == Kind::Detached {
                scope.detached.push(born.ordinal);
            }
            if born.recorded && born.settled {
                continue;
            }
            let id = scope.shared.child_id(born.ordinal);
            if !born.recorded {
                let trace = Trace {
                    identity: born.ask.identity(),
                    site: born.ask.site.clone(),
                    occurrence: born.occurrence,
                    turn,
                    deliveries: deliveries.clone(),
                    base: base.ordinal,
                    attempt: if born.ask.kind == Kind::Save { base.attempt } else { 1 },
                };
                let (id, parent) = (id.clone(), scope.shared.id.clone());
                let create = Create { op, id, parent, ask: born.ask.clone(), trace };
                creations.push(Write::Create(create));
            }
            if !born.settled {
                scope.spawned += usize::from(born.spawned);
                let child = Child::new(id, born.ask, born.spawned, own, turn);
                scope.children.insert(born.ordinal, child);
            }
        }
        let local = |write: &Write| match write {
            Write::Create(create) if create.ask.kind.is_local() => Some(create.op),
            _ => None,
        };
        let alone = if let [only] = creations.as_slice() { local(only) } else { None };
        let unowned: Vec<_> = if Rule::EffectsHaveOwners.holds() {
            Vec::new()
        } else {
            creations.iter().filter_map(local).collect()
        };
        let cancels = self.cancel(key, canceled, turn, &deliveries);
        let Some(scope) = self.scopes.get_mut(key) else { return };
        self.waiting += creations.len() + cancels.len();
        scope.order.push(creations, cancels);
        self.abandon(key);
        self.pump(key);
        if (caught_up && live) || !Rule::QuietReplay.holds() {
            self.start_recorded(key);
        }
        for op in unowned {
            self.start_child(op, true);
        }
        if let Some(op) = alone.filter(|op| self.is_sequential(*op)) {
            self.start_child(op, true);
        }
    }

    /// Whether nothing could keep this newborn call from being made again after a crash (rule 6):
    /// from it up to the root, each call is the only one awaited, and no delivery had a choice that
    /// is not yet durable. A call that nobody awaits may stand in a branch that is not taken again.
    fn is_sequential(&self, op: Op) -> bool {
        let mut op = op;
        loop {
            let Some(scope) = self.scopes.get(op.scope) else { return false };
            let Some(child) = scope.children.get(&op.ordinal) else { return false };
            let others = scope.order.open() - usize::from(child.own != Own::Durable);
            let state = scope.shared.lock();
            if others > 0 || !state.calls.awaits_only(op.ordinal) || !state.is_forced() {
                return false;
            }
            let Some(parent) = scope.op else { return true };
            op = parent;
        }
    }

    /// Starts the recorded children that are not settled: the replay above them has ended.
    fn start_recorded(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get(key) else { return };
        let mut waiting: Vec<_> = scope
            .children
            .iter()
            .filter(|(_, c)| c.own == Own::Durable && c.ask.kind.is_local() && c.scope.is_none())
            .map(|(&ordinal, _)| Op { scope: key, ordinal })
            .collect();
        waiting.sort_unstable();
        for op in waiting {
            self.start_child(op, false);
        }
    }

    /// Starts the body of a local child.
    fn start_child(&mut self, op: Op, fresh: bool) {
        let Some(scope) = self.scopes.get(op.scope) else { return };
        let Some(child) = scope.children.get(&op.ordinal) else { return };
        if child.scope.is_some() {
            return;
        }
        let (id, ask, own) = (child.id.clone(), child.ask.clone(), child.own);
        let key = self.add(id, Some(op), ask, own, fresh);
        let scope = self.scopes.get_mut(op.scope).expect("it was there");
        scope.children.get_mut(&op.ordinal).expect("it was there").scope = Some(key);
    }

    /// Takes out the children that a turn canceled, and drops their bodies.
    fn cancel(
        &mut self,
        key: ScopeKey,
        canceled: Vec<u32>,
        turn: u64,
        deliveries: &Arc<[u32]>,
    ) -> Vec<Cancel> {
        let mut cancels = Vec::with_capacity(canceled.len());
        for ordinal in canceled {
            let Some(scope) = self.scopes.get_mut(key) else { break };
            let op = Op { scope: key, ordinal };
            let trace = Cancellation { turn, deliveries: deliveries.clone() };
            let id = scope.shared.child_id(ordinal);
            cancels.push(Cancel { op, id: id.clone(), trace });
            let Some(child) = scope.children.remove(&ordinal) else { continue };
            scope.spawned -= usize::from(child.spawned);
            if let Some(body) = child.scope {
                self.remove(body);
            }
            if !self.ordered && Rule::NothingBelowCanceled.holds() {
                self.draining.expect(op, &id);
            }
        }
        cancels
    }

    /// A cancellation is durable, or came too late.
    pub(super) fn canceled(&mut self, op: Op) {
        self.in_flight -= 1;
        self.drained(op.scope);
        if let Some(scope) = self.scopes.get_mut(op.scope) {
            scope.order.durable();
            self.pump(op.scope);
        }
    }

    fn drained(&mut self, key: ScopeKey) {
        self.intents.extend(self.draining.durable(key).into_iter().map(Intent::Cancel));
    }

    /// Drops the bodies of the local calls whose handles are gone.
    pub(super) fn abandon(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let abandoned = std::mem::take(&mut scope.shared.lock().abandoned);
        for ordinal in abandoned {
            self.drop_child(key, ordinal);
        }
    }

    /// Drops a child that runs here: nobody awaits it any more.
    pub(super) fn drop_child(&mut self, key: ScopeKey, ordinal: u32) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let Some(child) = scope.children.remove(&ordinal) else { return };
        let running = child.scope.and_then(|child| self.scopes.get(child));
        let made_calls = match running {
            // Its result, or its next attempt, may be on its way.
            Some(running) => {
                let started = matches!(running.phase, Phase::Open | Phase::Closed);
                let first = running.children.is_empty() && running.records.base.ordinal == 0;
                !(started && first && running.is_leaf())
            }
            // A process before this one may have run it.
            None => child.own == Own::Durable,
        };
        let Some(scope) = self.scopes.get_mut(key) else { return };
        if made_calls { &mut scope.abandoned } else { &mut scope.endless }.push(ordinal);
        if let Some(running) = child.scope {
            self.remove(running);
        }
    }

    /// Sends what may be sent: the creations of the next turn, or the result.
    pub(super) fn pump(&mut self, key: ScopeKey) {
        let enough = self.enough();
        let Some(scope) = self.scopes.get_mut(key) else { return };
        if scope.own < enough && Rule::CreationsInOrder.holds() {
            return;
        }
        let mut sent = Vec::new();
        loop {
            let writes = scope.order.next();
            if writes.is_empty() {
                break;
            }
            for write in writes {
                self.waiting -= 1;
                self.in_flight += 1;
                let intent = match write {
                    Write::Create(create) => {
                        if let Some(child) = scope.children.get_mut(&create.op.ordinal) {
                            child.own = Own::Sent;
                            sent.extend(child.scope);
                            if child.early && enough == Own::Sent {
                                self.unpolled.push(create.op);
                            }
                        }
                        if create.ask.kind.is_elsewhere() {
                            self.leaving.insert(create.op);
                        }
                        Some(Intent::Create(create))
                    }
                    Write::Cancel(cancel) => self.draining.hold(cancel).map(Intent::Cancel),
                };
                self.intents.extend(intent);
            }
        }
        self.finish(key);
        for child in sent {
            self.own_record(child, Own::Sent);
        }
    }

    /// Records a scope's result, when nothing of it is outstanding.
    fn finish(&mut self, key: ScopeKey) {
        let enough = self.enough();
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let done = (scope.order.is_done() || !Rule::ResultLast.holds()) && scope.spawned == 0;
        if let Phase::Failed(outcome) = &scope.phase
            && done
        {
            let outcome = outcome.clone();
            return self.ask_for_another(key, outcome);
        }
        if !done || scope.own < enough {
            return;
        }
        let Phase::Ended(outcome) = &scope.phase else { return };
        let (outcome, id) = (outcome.clone(), scope.shared.id.clone());
        scope.phase = Phase::Settling;
        match scope.op {
            Some(op) => {
                self.in_flight += 1;
                self.intents.push_back(Intent::Settle { op, id, outcome });
            }
            None => self.complete(outcome),
        }
    }

    fn own_record(&mut self, key: ScopeKey, own: Own) {
        if let Some(scope) = self.scopes.get_mut(key) {
            scope.own = scope.own.max(own);
            self.pump(key);
        }
    }

    /// The records of a scope are there: it can start.
    pub(super) fn loaded(&mut self, key: ScopeKey, records: Vec<Record>) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        match Records::new(&scope.shared.id, records) {
            Ok(records) => {
                scope.past = Past::of(&records);
                scope.records = records;
                let backoff = scope.records.backoff;
                self.reclaim(key);
                match backoff {
                    Some(timer) => self.wait_for_attempt(key, timer),
                    None => self.start(key),
                }
            }
            Err(fault) => self.fault(key, fault),
        }
    }

    /// A creation is durable.
    pub(super) fn created(&mut self, op: Op, outcome: Option<Outcome>) {
        self.in_flight -= 1;
        self.drained(op.scope);
        self.leaving.remove(&op);
        let Some(scope) = self.scopes.get_mut(op.scope) else { return };
        scope.order.durable();
        if let Some(child) = scope.children.get_mut(&op.ordinal) {
            child.own = Own::Durable;
            if child.early {
                self.unpolled.push(op);
            }
            let mut state = scope.shared.lock();
            state.durable_turn = state.durable_turn.max(Some(child.turn));
            drop(state);
            let (local, running) = (child.ask.kind.is_local(), child.scope);
            match (outcome, running) {
                (Some(outcome), _) => self.settled(op, outcome),
                (None, Some(running)) => self.own_record(running, Own::Durable),
                (None, None) if local => self.start_child(op, true),
                (None, None) if child.ask.kind == Kind::Retry => self.unpolled.push(op),
                (None, None) => {}
            }
        }
        self.pump(op.scope);
    }

    /// A child is settled, in the store.
    pub(super) fn settled(&mut self, op: Op, outcome: Outcome) {
        let Some(scope) = self.scopes.get_mut(op.scope) else { return };
        let child = scope.children.remove(&op.ordinal);
        if child.as_ref().is_some_and(|child| child.ask.kind == Kind::Retry) {
            return self.attempt_again(op.scope, op.ordinal);
        }
        let running = child.as_ref().and_then(|child| child.scope);
        scope.spawned -= usize::from(child.is_some_and(|child| child.spawned));
        let mut state = scope.shared.lock();
        state.settle(op.ordinal, outcome);
        let next = state.has_next();
        drop(state);
        if matches!(scope.phase, Phase::Closed) && next {
            self.queue.push(op.scope);
        }
        if let Some(running) = running {
            self.remove(running);
        }
        self.finish(op.scope);
    }

    /// Halts the execution for a reason that lies outside it.
    pub(crate) fn stop(&mut self, fault: Fault) {
        self.fault(ScopeKey::MAX, fault);
    }

    /// Halts the execution because the engine will not have something.
    pub(crate) fn refused(&mut self, at: String, why: String) {
        self.stop(Fault::Refused { at, why });
    }

    /// The id of a scope's promise.
    pub(crate) fn id_of(&self, key: ScopeKey) -> Option<Arc<str>> {
        self.scopes.get(key).map(|scope| scope.shared.id.clone())
    }
}
