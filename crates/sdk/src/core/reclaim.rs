//! What a scope has left behind for good, and when the engine is asked to delete it.

use std::collections::BTreeMap;

use super::{
    ask::Kind,
    base::Base,
    execution::Execution,
    intent::{Intent, Op},
    limits,
    outcome::Outcome,
    record::Records,
    rule::Rule,
    wake::ScopeKey,
};

/// The records of a scope that lie before its base.
#[derive(Debug)]
pub(super) struct Past {
    /// All with lower numbers are accounted for.
    next: u32,
    /// A save point that is still needed, although the scope has begun anew since.
    kept: u32,
    /// Those that can go, as far as this side knows, and that the engine was not asked about.
    gone: Vec<u32>,
    /// Those that were not settled, by the time when the engine is asked about them (again): each
    /// with the pause before, which doubles, so that none costs more than a few questions.
    open: BTreeMap<u64, Vec<(u32, u64)>>,
    /// How many are in there.
    left: usize,
    /// The time: how often the scope has begun anew.
    time: u64,
}

impl Default for Past {
    fn default() -> Self {
        let (gone, open) = (Vec::new(), BTreeMap::new());
        Self { next: 1, kept: 0, gone, open, left: 0, time: 0 }
    }
}

impl Past {
    /// What the records say about it.
    pub(super) fn of(records: &Records) -> Self {
        let mut past = Self { next: records.base.ordinal.max(1), ..Self::default() };
        past.keep(&records.base);
        for &(ordinal, settled) in &records.passed {
            if settled {
                past.gone.push(ordinal);
            } else {
                past.leave(ordinal, 1);
            }
        }
        past
    }

    /// The scope has begun anew. `open` tells which children may not be settled, `detached` which
    /// ones are not its business.
    fn pass(&mut self, base: &Base, open: &[u32], detached: &[u32]) {
        self.time += 1;
        let kept = std::mem::take(&mut self.kept);
        if kept > 0 && kept != base.save {
            self.gone.push(kept);
        }
        for ordinal in self.next..base.ordinal {
            if ordinal == base.save || detached.binary_search(&ordinal).is_ok() {
                continue;
            }
            if open.binary_search(&ordinal).is_ok() {
                self.leave(ordinal, 1);
            } else {
                self.gone.push(ordinal);
            }
        }
        self.next = base.ordinal;
        self.keep(base);
        while let Some(due) = self.open.first_entry().filter(|due| *due.key() <= self.time) {
            for (ordinal, pause) in due.remove() {
                self.left -= 1;
                self.gone.push(ordinal);
                self.leave(ordinal, pause.saturating_mul(2));
            }
        }
    }

    fn keep(&mut self, base: &Base) {
        if base.save != base.ordinal {
            self.kept = base.save;
        }
    }

    /// It is asked about later. If there are too many, it stays until another process loads the
    /// records.
    fn leave(&mut self, ordinal: u32, pause: u64) {
        if self.left < limits::LEFT_BEHIND {
            self.left += 1;
            self.open.entry(self.time + pause).or_default().push((ordinal, pause));
        }
    }

    /// Takes what the engine is to be asked about, if it is worth a request.
    fn take(&mut self) -> Vec<u32> {
        if self.gone.len() < limits::WORTH_RECLAIMING {
            return Vec::new();
        }
        std::mem::take(&mut self.gone)
    }
}

impl Execution {
    /// A scope has begun anew: what it left behind is ended, if nobody else does that, and goes.
    pub(super) fn passed(&mut self, key: ScopeKey, base: &Base) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        if scope.past.next >= base.ordinal {
            return;
        }
        let mut open = Vec::new();
        for (ordinal, child) in scope.children.drain() {
            open.push(ordinal);
            // Others may want to know how a remote call or a promise ends; nobody wants a timer.
            if child.ask.kind == Kind::Timer {
                scope.endless.push(ordinal);
            }
        }
        open.append(&mut scope.abandoned);
        for ordinal in std::mem::take(&mut scope.endless) {
            open.push(ordinal);
            let (op, id) = (Op { scope: key, ordinal }, scope.shared.child_id(ordinal));
            self.in_flight += 1;
            let outcome = Outcome::Canceled(None);
            self.intents.push_back(Intent::Settle { op, id, outcome });
        }
        open.sort_unstable();
        let mut detached = std::mem::take(&mut scope.detached);
        detached.sort_unstable();
        scope.past.pass(base, &open, &detached);
        self.reclaim(key);
    }

    /// Asks the engine to delete what nobody will ask for.
    pub(super) fn reclaim(&mut self, key: ScopeKey) {
        let Some(scope) = self.scopes.get_mut(key) else { return };
        let mut gone = scope.past.take();
        if !Rule::ReclaimThePast.holds() && !gone.is_empty() {
            gone.push(scope.past.next);
        }
        for ordinals in gone.chunks(limits::RECLAIMED_AT_ONCE) {
            let ids = ordinals.iter().map(|ordinal| scope.shared.child_id(*ordinal)).collect();
            self.intents.push_back(Intent::Reclaim { ids });
        }
    }
}
