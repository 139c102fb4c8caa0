//! What cannot go on is replayed, tried again, or halted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    execution::Execution, fault::Fault, intent::Intent, limits, outcome::End, replay::Replay,
    rule::Rule, wake::ScopeKey,
};

impl Execution {
    /// A body panicked: the turn is undone, and the failure counts.
    pub(super) fn panicked(&mut self, key: ScopeKey, end: End) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let mut state = scope.shared.lock();
        // The turn that panicked writes nothing.
        state.nascent.clear();
        state.dropped.clear();
        let replay = state.replay.as_ref().map(|r| r.last);
        let turn = state.turn;
        drop(state);
        match replay {
            Some(last) => {
                let fault = Fault::Diverged {
                    at: format!("{} (turn {turn})", scope.shared.id),
                    recorded: format!("turns up to {last}"),
                    requested: "a panic".to_owned(),
                };
                self.fault(key, fault);
            }
            None => self.ended(key, end),
        }
    }

    /// Stops the execution, or replays the scope: its interchangeable calls may have been matched
    /// the wrong way round, or a random `select!` has drawn another branch (rule 8).
    pub(super) fn fault(&mut self, key: ScopeKey, fault: Fault) {
        if let (Fault::Diverged { .. }, Some(scope)) = (&fault, self.scopes.get_mut(key)) {
            let replay = |r: &Replay| (r.last, r.ambiguous);
            let (last, ambiguous) =
                scope.shared.lock().replay.as_deref().map_or((u64::MAX, false), replay);
            let most = if ambiguous { limits::AMBIGUOUS_REPLAYS } else { limits::REPLAYS };
            let turns = last.saturating_mul(scope.replays.into());
            let again = scope.replays < most && turns < limits::REPLAYED_TURNS;
            if again && last < u64::MAX && Rule::DrawAgain.holds() {
                scope.replays += 1;
                let future = scope.future.take();
                let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
                return self.start(key);
            }
        }
        self.intents.clear();
        self.intents.push_back(Intent::Stop(fault));
        self.over = true;
    }
}
