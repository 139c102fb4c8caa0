//! What happens elsewhere, and when an execution hears of it.

use std::sync::atomic::Ordering;

use super::{
    interpret::remote_outcome,
    left::{Stored, ordinal},
    world::{Moved, World},
};
use crate::core::{ask::Kind, event::Event, execution::Execution, intent::Op, outcome::Outcome};

impl World {
    /// What a leaf waits for has come.
    pub(super) fn wake_a_leaf(&mut self) -> Option<Moved> {
        let mut waiting = self.env.waiting.lock().unwrap();
        if waiting.is_empty() {
            return None;
        }
        let i = self.random.below(waiting.len());
        let (done, waker) = waiting.swap_remove(i);
        drop(waiting);
        done.store(true, Ordering::Relaxed);
        waker.wake();
        Some(Moved::Yes)
    }

    /// Somebody else settles a remote call, a timer or a promise.
    pub(super) fn settle_something(&mut self) -> Option<Moved> {
        self.clock += 1;
        let clock = self.clock;
        let mut pending: Vec<_> = self
            .store
            .iter_mut()
            .filter(|(_, s)| s.outcome.is_none())
            .filter(|(_, s)| !s.identity().kind.is_local() && s.identity().kind != Kind::Marker)
            .collect();
        if pending.is_empty() {
            return None;
        }
        let i = self.random.below(pending.len());
        let (id, stored) = pending.swap_remove(i);
        let retry = stored.identity().kind == Kind::Retry;
        let resolved = retry.then_some(Outcome::Resolved(None));
        stored.outcome =
            resolved.or_else(|| Some(remote_outcome(&stored.identity().func, &stored.args)));
        stored.settled_at = clock;
        let id = id.clone();
        self.tell(|| format!("settled {id}"));
        Some(Moved::Yes)
    }

    /// News of a child whose call may not be made again yet: it settled between the loading of the
    /// records and its matching.
    pub(super) fn tell_early(&mut self, execution: &mut Execution) -> Option<Moved> {
        if self.loaded.is_empty() || self.suspended {
            return None;
        }
        let (scope, parent) = self.loaded[self.random.below(self.loaded.len())].clone();
        let settled = |s: &Stored| s.parent == *parent && s.outcome.is_some();
        let settled: Vec<_> = self.store.iter().filter(|(_, s)| settled(s)).collect();
        if settled.is_empty() {
            return None;
        }
        let (id, stored) = settled[self.random.below(settled.len())];
        let op = Op { scope, ordinal: ordinal(id) };
        let outcome = stored.outcome.clone().expect("it is settled");
        let id = id.clone();
        self.tell(|| format!("early {id}"));
        execution.handle(Event::Arrived { op, outcome });
        Some(Moved::Yes)
    }

    /// Some of the settlements get known; a suspended execution is resumed by them, or begun anew
    /// by another process.
    pub(super) fn tell_of_arrivals(&mut self, execution: &mut Execution) -> Option<Moved> {
        let mut news: Vec<_> =
            execution.awaited().into_iter().filter(|(_, id)| self.is_settled(id)).collect();
        if news.is_empty() {
            return None;
        }
        if std::mem::take(&mut self.suspended) && self.random.one_in(4) {
            return Some(Moved::Crash);
        }
        for _ in 0..=self.random.below(news.len()) {
            let (op, id) = news.swap_remove(self.random.below(news.len()));
            let outcome = self.store[&*id].outcome.clone().expect("it is settled");
            self.tell(|| format!("arrived {id}"));
            execution.handle(Event::Arrived { op, outcome });
        }
        Some(Moved::Yes)
    }
}
