//! Attempts: a failed one leaves a timer behind, and the next begins when it fires. So nothing has
//! to be held meanwhile, and the number of the attempt survives.

use std::sync::Arc;

use super::{
    ask::{Ask, Deadline, Kind, Options},
    children::{Child, Own, Phase},
    execution::Execution,
    intent::{Create, Intent, Op},
    order::Write,
    outcome::{End, Outcome},
    record::Records,
    scope::Shared,
    site::Site,
    trace::Trace,
    wake::{ScopeKey, ScopeWaker},
};

impl Execution {
    /// The body is done: it is tried again, or its result is to be recorded.
    pub(super) fn ended(&mut self, key: ScopeKey, end: End) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        // What a function without calls did before it failed, it can do once more. One that makes
        // calls is tried again only if somebody said so.
        let may = scope.is_leaf() || scope.ask.options.retry.is_some();
        let again = !end.outcome.is_resolved() && !end.permanent && may;
        let phase = if again { Phase::Failed } else { Phase::Ended };
        self.end(key, phase(end.outcome));
    }

    /// The failed attempt is over, with all it has spawned: asks whether there is another one.
    pub(super) fn ask_for_another(&mut self, key: ScopeKey, outcome: Outcome) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let (ask, attempt) = (scope.ask.clone(), scope.shared.attempt);
        scope.phase = Phase::Backoff(Some(outcome.clone()));
        self.set_busy(key, true);
        self.intents.push_back(Intent::Retry { scope: key, ask, attempt, outcome });
    }

    /// There is another attempt, at this time.
    pub(super) fn retry(&mut self, key: ScopeKey, at: i64) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let Phase::Backoff(failure) = &mut scope.phase else { return };
        let error = match failure.take() {
            Some(Outcome::Rejected(error)) => error,
            Some(_) => None,
            None => return,
        };
        let mut state = scope.shared.lock();
        let (turn, base) = (state.turn, state.base.ordinal);
        let ordinal = state.next_ordinal;
        state.next_ordinal += 1;
        drop(state);
        let attempt = scope.shared.attempt.saturating_add(1);
        let error = error.as_deref().unwrap_or("null");
        let ask = Arc::new(Ask {
            kind: Kind::Retry,
            func: scope.ask.func.clone(),
            args: format!("{{\"attempt\":{attempt},\"error\":{error}}}").into(),
            fingerprint: 0,
            site: Site::recorded(""),
            options: Options { deadline: Some(Deadline::At(at)), ..Options::default() },
            body: None,
        });
        let trace = Trace {
            identity: ask.identity(),
            site: ask.site.clone(),
            occurrence: 0,
            turn,
            deliveries: Arc::from([]),
            base,
            attempt,
        };
        let op = Op { scope: key, ordinal };
        let (id, parent) = (scope.shared.child_id(ordinal), scope.shared.id.clone());
        let child = Child::new(id.clone(), ask.clone(), false, Own::Waiting, turn);
        scope.children.insert(ordinal, child);
        self.waiting += 1;
        let create = Write::Create(Create { op, id, parent, ask, trace });
        scope.order.push(vec![create], Vec::new());
        self.set_busy(key, false);
        self.pump(key);
    }

    /// There is no next attempt.
    pub(super) fn give_up(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        if let Phase::Backoff(failure) = &mut scope.phase
            && let Some(failure) = failure.take()
        {
            self.end(key, Phase::Ended(failure));
        }
    }

    /// A process before this one left the function waiting for its next attempt.
    pub(super) fn wait_for_attempt(&mut self, key: ScopeKey, ordinal: u32) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let ask = Arc::new(Ask {
            kind: Kind::Retry,
            func: scope.ask.func.clone(),
            args: "null".into(),
            fingerprint: 0,
            site: Site::recorded(""),
            options: Options::default(),
            body: None,
        });
        let child = scope.shared.child_id(ordinal);
        let child = Child::new(child, ask, false, Own::Durable, 0);
        let wake = ScopeWaker::new(key, self.queue.clone());
        let (id, fingerprint) = (scope.shared.id.clone(), scope.ask.fingerprint);
        scope.shared = Shared::new(id, fingerprint, wake, &scope.records);
        scope.children.insert(ordinal, child);
        scope.phase = Phase::Backoff(None);
        self.unpolled.push(Op { scope: key, ordinal });
        self.set_busy(key, false);
    }

    /// It is time for the next attempt, which the timer of this number stood for.
    pub(super) fn attempt_again(&mut self, key: ScopeKey, ordinal: u32) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let state = scope.shared.lock();
        let (base, settled) = (state.base.clone(), state.next_rank);
        drop(state);
        // If it was loaded, it is the base already.
        let base = if base.ordinal == ordinal { base } else { base.retried(ordinal) };
        scope.records = Records::since(base.clone(), ordinal, settled);
        self.passed(key, &base);
        self.start(key);
    }
}
