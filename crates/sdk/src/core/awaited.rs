//! What is awaited and not executed here.

use std::sync::Arc;

use super::{
    ask::Kind,
    children::{Child, Own, Phase},
    execution::Execution,
    intent::Op,
};

impl Execution {
    /// What is awaited and not executed here, and was not told of by this before. Something may be
    /// told of twice.
    pub(crate) fn newly_awaited(&mut self) -> Vec<(Op, Arc<str>)> {
        let polled = self.queue.take_awaited().into_iter().filter_map(|(key, call)| {
            let ordinal = self.scopes.get(key)?.shared.lock().calls.get(call)?.ordinal?;
            Some(Op { scope: key, ordinal })
        });
        let mut ops = polled.chain(std::mem::take(&mut self.unpolled)).collect::<Vec<_>>();
        ops.retain(|op| self.awaits(*op) && self.is_there(*op));
        let id = |op: Op| {
            let scope = self.scopes.get(op.scope)?;
            let child = scope.children.get(&op.ordinal).map(|child| child.id.clone());
            Some((op, child.unwrap_or_else(|| scope.shared.child_id(op.ordinal))))
        };
        ops.into_iter().filter_map(id).collect()
    }

    /// Whether the engine knows a child by the time it is asked about it. If not, that is noted, to
    /// tell of the child when it does: a scope may be dropped before its creations are sent.
    fn is_there(&mut self, op: Op) -> bool {
        let enough = self.enough();
        let Some(scope) = self.scopes.get_mut(op.scope) else { return false };
        let Some(child) = scope.children.get_mut(&op.ordinal) else { return true };
        child.early = child.own < enough;
        !child.early
    }

    /// How far a record has to be before anything may rely on it.
    pub(super) fn enough(&self) -> Own {
        if self.ordered { Own::Sent } else { Own::Durable }
    }

    /// Whether a child is awaited, not settled and not executed here.
    pub(crate) fn awaits(&self, op: Op) -> bool {
        let Some(scope) = self.scopes.get(op.scope) else { return false };
        let child = scope.children.get(&op.ordinal);
        match scope.phase {
            Phase::Closed => {
                let calls = &scope.shared.lock().calls;
                let call = calls.of_ordinal(op.ordinal).and_then(|call| calls.get(call));
                call.is_some_and(|call| call.is_awaited_elsewhere())
            }
            Phase::Ended(_) | Phase::Failed(_) => child.is_some_and(Child::outlasts),
            Phase::Backoff(None) => child.is_some_and(Child::delays),
            _ => false,
        }
    }

    /// Whether a child is executed here.
    pub(crate) fn runs(&self, op: Op) -> bool {
        let child = self.scopes.get(op.scope).and_then(|scope| scope.children.get(&op.ordinal));
        child.is_some_and(|child| child.ask.kind.is_local())
    }

    /// All that is awaited and not executed here.
    #[cfg(test)]
    pub(crate) fn awaited(&self) -> Vec<(Op, Arc<str>)> {
        let mut on = Vec::new();
        for (key, scope) in self.scopes.iter() {
            let mut add = |ordinal| {
                on.push((Op { scope: key, ordinal }, scope.shared.child_id(ordinal)));
            };
            match scope.phase {
                Phase::Closed => scope.shared.lock().calls.awaited_elsewhere().for_each(&mut add),
                Phase::Ended(_) | Phase::Failed(_) => scope
                    .children
                    .iter()
                    .filter(|(_, child)| child.outlasts())
                    .for_each(|(&ordinal, _)| add(ordinal)),
                Phase::Backoff(None) => scope
                    .children
                    .iter()
                    .filter(|(_, child)| child.delays())
                    .for_each(|(&ordinal, _)| add(ordinal)),
                _ => {}
            }
        }
        on.sort_unstable_by_key(|(op, _)| *op);
        on
    }
}

impl Child {
    /// Whether its scope, when it has ended, waits for it.
    pub(super) fn outlasts(&self) -> bool {
        self.spawned && !self.ask.kind.is_local()
    }

    /// Whether its scope, which has failed, waits for it before the next attempt.
    pub(super) fn delays(&self) -> bool {
        self.ask.kind == Kind::Retry && self.own == Own::Durable
    }
}
