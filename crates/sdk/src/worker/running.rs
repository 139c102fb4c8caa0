//! The executions that this process holds, running or suspended in memory.

use std::sync::Arc;

use abide_protocol::{Id, PromiseRecord};
use tokio::sync::{Notify, mpsc};

use super::{
    Permit,
    heartbeat::Held,
    lease::{Lease, Moment},
    listening::Listening,
    offers::Offers,
    parked::{Budget, Parked},
};
use crate::{hash::HashMap, task::AbortHandle};

/// What a driver is told.
#[derive(Debug)]
pub(crate) enum Note {
    /// The task was acquired again at this version: go on. `told` are the promises that have woken
    /// it, if the engine has told of all.
    Resume { version: i64, permit: Permit, told: Option<Vec<Arc<PromiseRecord>>> },
    /// The task is not ours any more at this version, and why.
    Lost { version: i64, why: &'static str },
    /// A promise that it listens to is settled.
    Settled(Arc<PromiseRecord>),
}

/// One execution.
struct Slot {
    /// The version at which its task is, or was last, held.
    version: i64,
    lease: Arc<Lease>,
    /// Its place among the suspended ones, if it is.
    parked: Option<u64>,
    notes: mpsc::UnboundedSender<Note>,
    task: Option<AbortHandle>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Table {
    slots: HashMap<Id, Slot>,
    parked: Parked,
    pub(super) offers: Offers,
    listening: Listening,
    busy: Arc<Notify>,
}

impl Table {
    /// A task was offered at a version. True if it is to be acquired, and that is news.
    pub(super) fn offered(&mut self, id: Id, version: i64) -> bool {
        !self.is_stale(&id, version) && self.offers.add(id, version)
    }

    /// Whether an offer is older than what is known here.
    pub(super) fn is_stale(&self, id: &Id, version: i64) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.parked.is_none() && slot.version > version)
    }

    /// The suspended execution of a task that was acquired at a version: nobody else has driven it
    /// if it was suspended at the version before.
    pub(super) fn resume(
        &mut self,
        id: &Id,
        version: i64,
        since: Moment,
        permit: Permit,
        told: Option<Vec<Arc<PromiseRecord>>>,
    ) -> Result<(), Permit> {
        match self.slots.get_mut(id) {
            Some(slot) if slot.version + 1 == version && slot.parked.is_some() => {
                self.parked.remove(slot.parked.take().expect("it is parked"));
                slot.version = version;
                slot.lease.renew(since);
                self.busy.notify_one();
                let note = Note::Resume { version, permit, told };
                match slot.notes.send(note) {
                    Ok(()) => Ok(()),
                    Err(mpsc::error::SendError(Note::Resume { permit, .. })) => Err(permit),
                    Err(_) => unreachable!("the note that was sent comes back"),
                }
            }
            _ => Err(permit),
        }
    }

    /// An execution begins here, unless it has at this version. One of an earlier version of the
    /// task has lost its lease, and ends.
    pub(super) fn begin(
        &mut self,
        id: &Id,
        version: i64,
        lease: Arc<Lease>,
        notes: mpsc::UnboundedSender<Note>,
    ) -> bool {
        if self.slots.get(id).is_some_and(|slot| slot.version >= version) {
            return false;
        }
        self.remove(id);
        let slot = Slot { version, lease, parked: None, notes, task: None };
        self.slots.insert(id.clone(), slot);
        self.busy.notify_one();
        true
    }

    /// Tells when a task is held that was not before.
    pub(super) fn busy(&self) -> Arc<Notify> {
        self.busy.clone()
    }

    /// The task that drives an execution, to stop it by.
    pub(super) fn driven_by(&mut self, id: &Id, version: i64, task: AbortHandle) {
        if let Some(slot) = self.slots.get_mut(id).filter(|slot| slot.version == version) {
            slot.task = Some(task);
        }
    }

    /// An execution is suspended, and holds so many bytes. The longest suspended ones make room,
    /// and will be replayed.
    pub(super) fn park(&mut self, id: &Id, version: i64, bytes: usize, budget: Budget) {
        let Some(slot) = self.slots.get_mut(id).filter(|slot| slot.version == version) else {
            return;
        };
        slot.parked = Some(self.parked.add(id.clone(), bytes));
        while let Some(longest) = self.parked.beyond(budget) {
            self.remove(&longest);
        }
    }

    /// Drops all suspended executions; who goes on with them replays them.
    pub(super) fn drop_parked(&mut self) {
        for id in self.parked.drain() {
            self.remove(&id);
        }
    }

    /// An execution is over, as far as this process is concerned.
    pub(super) fn end(&mut self, id: &Id, version: i64) {
        if let Some(slot) = self.slots.get_mut(id).filter(|slot| slot.version == version) {
            // It ended by itself: aborting it from within would cut its last words short.
            slot.task = None;
            self.remove(id);
        }
    }

    fn remove(&mut self, id: &Id) {
        if let Some(slot) = self.slots.remove(id) {
            if let Some(place) = slot.parked {
                self.parked.remove(place);
            }
            self.listening.ended(id);
        }
    }

    /// Whether the task is held and running here.
    pub(super) fn is_running(&self, id: &Id) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.parked.is_none())
    }

    /// The tasks that are held.
    pub(super) fn held(&self) -> impl Iterator<Item = Held> {
        self.slots.iter().filter(|(_, slot)| slot.parked.is_none()).map(|(id, slot)| {
            let (version, lease) = (slot.version, slot.lease.clone());
            Held { id: id.clone(), version, lease }
        })
    }

    /// Whether nothing runs, and nothing is being acquired.
    pub(super) fn is_idle(&self) -> bool {
        self.offers.acquiring() == 0 && self.slots.values().all(|slot| slot.parked.is_some())
    }

    /// A task that is held is not ours any more. What runs is told, and ends.
    pub(super) fn lost(&mut self, id: &Id, version: i64, why: &'static str) {
        if let Some(slot) = self.slots.get(id) {
            // A driver that is gone, suspended or further on than that needs no news.
            if slot.version == version && slot.parked.is_none() {
                let _ = slot.notes.send(Note::Lost { version, why });
            }
        }
    }

    /// An execution wants to know when a promise is settled.
    pub(super) fn listen(&mut self, promise: &Id, task: &Id) {
        if self.slots.contains_key(task) {
            self.listening.add(promise, task);
        }
    }

    /// Whether an execution wants to know when a promise is settled.
    #[cfg(feature = "http")]
    pub(super) fn is_listened_to(&self, promise: &Id) -> bool {
        self.listening.has(promise)
    }

    /// The execution has heard of a promise in another way.
    pub(super) fn hear_no_more(&mut self, promise: &Id, task: &Id) {
        self.listening.remove(promise, task);
    }

    /// Whether the execution is in memory here.
    pub(super) fn holds(&self, id: &Id) -> bool {
        self.slots.contains_key(id)
    }

    /// Whether the execution is about to hear that it was suspended: its task has come back at
    /// this version.
    pub(super) fn is_being_parked(&self, id: &Id, version: i64) -> bool {
        self.slots.get(id).is_some_and(|s| s.parked.is_none() && s.version + 1 == version)
    }

    /// A promise is settled.
    pub(super) fn settled(&mut self, promise: &Arc<PromiseRecord>) {
        for task in self.listening.settled(&promise.id) {
            if let Some(slot) = self.slots.get(&task) {
                // A driver that is gone needs no news.
                let _ = slot.notes.send(Note::Settled(promise.clone()));
            }
        }
    }

    /// Stops everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing at all is remembered.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
            && self.parked.is_empty()
            && self.offers.is_empty()
            && self.listening.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_version_of_a_task_is_driven_once() {
        let mut table = Table::default();
        let (id, (notes, _kept)) = (Id::from("a"), mpsc::unbounded_channel());
        let lease = || Arc::new(Lease::new(Duration::from_secs(1), Moment::now()));
        assert!(table.begin(&id, 1, lease(), notes.clone()));
        assert!(!table.begin(&id, 1, lease(), notes.clone()), "two answers tell of one claim");
        assert!(table.begin(&id, 3, lease(), notes.clone()), "somebody else had it in between");
        assert!(!table.begin(&id, 2, lease(), notes), "an answer that comes late");
        table.end(&id, 3);
        assert!(table.is_empty());
    }
}
