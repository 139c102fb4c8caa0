//! What an execution awaits from elsewhere, and who has been asked to tell of it. What is settled
//! leaves, so that a long loop takes no more memory than a short one.

use std::{collections::BTreeSet, sync::Arc};

use abide_protocol::Millis;

use crate::{core::intent::Op, hash::HashMap};

/// The table is looked through for what nobody awaits any more when it holds this many more than
/// it did after the last look, and twice as many: then each look is paid for by what was added.
const LOOK_AFTER: usize = 64;

/// What is awaited.
#[derive(Default)]
pub(super) struct Awaits {
    table: HashMap<Arc<str>, Await>,
    /// No suspension has told the engine of these.
    fresh: Vec<Arc<str>>,
    /// Nobody listens to these.
    unheard: Vec<Arc<str>>,
    /// The deadlines that are watched.
    due: BTreeSet<(Millis, Arc<str>)>,
    /// How many there were after the last look for those that nobody awaits any more.
    kept: usize,
}

struct Await {
    op: Op,
    /// When it is settled at the latest, if that is worth a look.
    deadline: Option<Millis>,
    listened: bool,
}

impl Awaits {
    /// Adds something that is awaited. `deadline` is when its settlement is to be looked for,
    /// since nobody tells of it.
    pub(super) fn add(&mut self, op: Op, id: &Arc<str>, deadline: Option<Millis>) {
        let new = Await { op, deadline, listened: false };
        if let Some(known) = self.table.insert(id.clone(), new) {
            // Told of twice: only what is new about it counts.
            let entry = self.table.get_mut(id).expect("it was just put there");
            entry.listened = known.listened;
            entry.deadline = entry.deadline.or(known.deadline);
            return;
        }
        self.fresh.push(id.clone());
        self.unheard.push(id.clone());
    }

    /// Has a deadline watched from now on.
    pub(super) fn watch(&mut self, id: &Arc<str>) {
        if let Some(deadline) = self.table.get(id).and_then(|entry| entry.deadline) {
            self.due.insert((deadline, id.clone()));
        }
    }

    /// It is settled, or of no interest any more. Gives what it was to the core, and whether
    /// somebody listens to it.
    pub(super) fn remove(&mut self, id: &str) -> Option<(Op, bool)> {
        if self.table.is_empty() {
            return None;
        }
        let (id, entry) = self.table.remove_entry(id)?;
        if let Some(deadline) = entry.deadline {
            self.due.remove(&(deadline, id));
        }
        Some((entry.op, entry.listened))
    }

    /// What it is to the core.
    pub(super) fn op(&self, id: &str) -> Option<Op> {
        self.table.get(id).map(|entry| entry.op)
    }

    /// Whether nothing is awaited.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// How much is awaited.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// How many ids it holds.
    pub(super) fn names(&self) -> usize {
        self.table.len() + self.fresh.len() + self.unheard.len() + self.due.len()
    }

    /// All that is awaited.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<str>> {
        self.table.keys()
    }

    /// What no suspension has told the engine of.
    pub(super) fn fresh(&mut self) -> &[Arc<str>] {
        let Self { fresh, table, .. } = self;
        fresh.retain(|id| table.contains_key(id));
        fresh
    }

    /// The engine knows of everything.
    pub(super) fn registered(&mut self) {
        self.fresh.clear();
    }

    /// Takes what nobody listens to and no deadline ends: somebody listens from now on. The
    /// deadlines of the rest are watched.
    pub(super) fn take_unheard(&mut self) -> Vec<Arc<str>> {
        let mut found = Vec::new();
        for id in std::mem::take(&mut self.unheard) {
            let Some(entry) = self.table.get_mut(&id) else { continue };
            match entry.deadline {
                Some(deadline) => drop(self.due.insert((deadline, id))),
                None => {
                    entry.listened = true;
                    found.push(id);
                }
            }
        }
        found
    }

    /// The first deadline that is watched.
    pub(super) fn first_due(&self) -> Option<Millis> {
        self.due.first().map(|(deadline, _)| *deadline)
    }

    /// Takes those whose deadline has passed: somebody looks at them from now on.
    pub(super) fn take_due(&mut self, now: Millis) -> Vec<(Op, Arc<str>)> {
        let mut found = Vec::new();
        while self.first_due().is_some_and(|deadline| deadline <= now) {
            let Some((_, id)) = self.due.pop_first() else { break };
            found.extend(self.op(&id).map(|op| (op, id)));
        }
        found
    }

    /// Removes what nobody awaits any more, if there may be much of it. Gives what was removed.
    pub(super) fn prune(&mut self, awaited: impl Fn(Op) -> bool) -> Vec<(Arc<str>, bool)> {
        if self.table.len() < 2 * self.kept + LOOK_AFTER {
            self.forget_names();
            return Vec::new();
        }
        self.sift(awaited)
    }

    /// Removes what nobody awaits any more. Gives what was removed.
    pub(super) fn sift(&mut self, awaited: impl Fn(Op) -> bool) -> Vec<(Arc<str>, bool)> {
        let gone = self.table.iter().filter(|(_, entry)| !awaited(entry.op));
        let gone: Vec<_> = gone.map(|(id, entry)| (id.clone(), entry.listened)).collect();
        for (id, _) in &gone {
            self.remove(id);
        }
        self.kept = self.table.len();
        gone
    }

    /// The lists of names are emptied now and then; in between, what is settled stays in them.
    fn forget_names(&mut self) {
        let Self { table, fresh, unheard, .. } = self;
        for names in [fresh, unheard] {
            if names.len() > 2 * table.len() + LOOK_AFTER {
                names.retain(|id| table.contains_key(id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(ordinal: u32) -> Op {
        Op { scope: 0, ordinal }
    }

    fn id(n: u32) -> Arc<str> {
        format!("root:{n}").into()
    }

    #[test]
    fn a_long_loop_takes_no_more_than_a_short_one() {
        let mut awaits = Awaits::default();
        for n in 0..100_000 {
            let deadline = (n % 2 == 0).then_some(i64::from(n));
            awaits.add(op(n), &id(n), deadline);
            awaits.watch(&id(n));
            // Every other one is settled; the rest is awaited only for a while.
            if n % 2 == 0 {
                assert_eq!(awaits.remove(&id(n)), Some((op(n), false)));
            }
            awaits.prune(|op| op.ordinal + 10 > n);
            let held = awaits.table.len() + awaits.fresh.len() + awaits.unheard.len();
            assert!(held + awaits.due.len() < 10 * LOOK_AFTER, "{held} after {n}");
        }
    }

    #[test]
    fn what_is_told_of_twice_is_there_once() {
        let mut awaits = Awaits::default();
        awaits.add(op(1), &id(1), None);
        awaits.add(op(1), &id(1), None);
        assert_eq!(awaits.fresh(), [id(1)]);
        assert_eq!(awaits.take_unheard(), [id(1)]);
        awaits.add(op(1), &id(1), None);
        assert!(awaits.take_unheard().is_empty());
        assert_eq!(awaits.remove(&id(1)), Some((op(1), true)));
        assert!(awaits.is_empty());
    }

    #[test]
    fn deadlines_come_in_order_and_only_while_they_matter() {
        let mut awaits = Awaits::default();
        for n in [3, 1, 2] {
            awaits.add(op(n), &id(n), Some(i64::from(n)));
        }
        assert!(awaits.take_unheard().is_empty());
        awaits.remove(&id(1));
        assert_eq!(awaits.first_due(), Some(2));
        assert_eq!(awaits.take_due(3), [(op(2), id(2)), (op(3), id(3))]);
        assert_eq!(awaits.first_due(), None);
    }
}
