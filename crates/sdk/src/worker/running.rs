//! The executions that this process holds, running or suspended in memory.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use abide_protocol::{Id, PromiseRecord};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::AbortHandle,
};

/// What a driver is told.
#[derive(Debug)]
pub(crate) enum Note {
    /// The task was acquired again at this version: go on.
    Resume { version: i64, permit: OwnedSemaphorePermit },
    /// A promise that it listens to is settled.
    Settled(Arc<PromiseRecord>),
}

/// One execution.
struct Slot {
    /// The version at which its task is, or was last, held.
    version: i64,
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
    /// The suspended ones, the longest suspended first.
    parked: BTreeMap<u64, Id>,
    next: u64,
    /// Tasks that are being acquired.
    acquiring: HashSet<Id>,
    /// Which execution listens to which promise.
    listening: HashMap<Id, Id>,
}

/// What to do about an offered task.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It is held already, or being acquired.
    Ignore,
    /// Acquire it.
    Take,
}

impl Table {
    /// A task was offered at a version.
    pub(super) fn offered(&mut self, id: &Id, version: i64, limit: usize) -> Offer {
        let stale = self.slots.get(id).is_some_and(|s| s.parked.is_none() && s.version > version);
        if stale || self.acquiring.len() >= limit || !self.acquiring.insert(id.clone()) {
            return Offer::Ignore;
        }
        Offer::Take
    }

    /// An attempt to acquire is over.
    pub(super) fn acquired(&mut self, id: &Id) {
        self.acquiring.remove(id);
    }

    /// The suspended execution of a task that was acquired at a version: nobody else has driven it
    /// if it was suspended at the version before.
    pub(super) fn resume(
        &mut self,
        id: &Id,
        version: i64,
        permit: OwnedSemaphorePermit,
    ) -> Result<(), OwnedSemaphorePermit> {
        match self.slots.get_mut(id) {
            Some(slot) if slot.version + 1 == version && slot.parked.is_some() => {
                self.parked.remove(&slot.parked.take().expect("it is parked"));
                slot.version = version;
                let note = Note::Resume { version, permit };
                match slot.notes.send(note) {
                    Ok(()) => Ok(()),
                    Err(mpsc::error::SendError(Note::Resume { permit, .. })) => Err(permit),
                    Err(_) => unreachable!("the note that was sent comes back"),
                }
            }
            _ => Err(permit),
        }
    }

    /// An execution begins here. Another one of the same task has lost its lease, and ends.
    pub(super) fn begin(&mut self, id: &Id, version: i64, notes: mpsc::UnboundedSender<Note>) {
        self.remove(id);
        let slot = Slot { version, parked: None, notes, task: None };
        self.slots.insert(id.clone(), slot);
    }

    /// The task that drives an execution, to stop it by.
    pub(super) fn driven_by(&mut self, id: &Id, version: i64, task: AbortHandle) {
        if let Some(slot) = self.slots.get_mut(id).filter(|slot| slot.version == version) {
            slot.task = Some(task);
        }
    }

    /// An execution is suspended. The longest suspended one makes room, and will be replayed.
    pub(super) fn park(&mut self, id: &Id, version: i64, limit: usize) {
        let Some(slot) = self.slots.get_mut(id).filter(|slot| slot.version == version) else {
            return;
        };
        slot.parked = Some(self.next);
        self.parked.insert(self.next, id.clone());
        self.next += 1;
        while self.parked.len() > limit {
            let Some((_, longest)) = self.parked.pop_first() else { return };
            self.remove(&longest);
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
                self.parked.remove(&place);
            }
            self.listening.retain(|_, task| task != id);
        }
    }

    /// Whether the task is held and running here.
    pub(super) fn is_running(&self, id: &Id) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.parked.is_none())
    }

    /// The tasks that are held, with their versions.
    pub(super) fn held(&self) -> impl Iterator<Item = (&Id, i64)> {
        self.slots.iter().filter(|(_, s)| s.parked.is_none()).map(|(id, s)| (id, s.version))
    }

    /// An execution wants to know when a promise is settled.
    pub(super) fn listen(&mut self, promise: &Id, task: &Id) {
        self.listening.insert(promise.clone(), task.clone());
    }

    /// A promise is settled.
    pub(super) fn settled(&mut self, promise: &Arc<PromiseRecord>) {
        let task = self.listening.remove(&promise.id);
        if let Some(slot) = task.and_then(|task| self.slots.get(&task)) {
            // A driver that is gone needs no news.
            let _ = slot.notes.send(Note::Settled(promise.clone()));
        }
    }

    /// Stops everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
