//! Messages: tasks that are offered, promises that are settled.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use abide_client::Messages;
use abide_protocol::{Id, Message, PromiseRecord, Request, TaskAcquire};

use super::{Claim, Lease, Permit, Worker, running::Offer};
use crate::{
    codec::Layers, driver, function::Function, payload::Invocation, registry::Registry, task,
    wire::Held,
};

/// Tasks that are being acquired, or wait until the worker has room. Further ones are left to
/// others; the engine offers them again.
const ACQUIRING: usize = 1_024;

/// How long a task is kept whose function is not known here, before it is given back: another
/// process of the group may know it, and a task that comes straight back would spin.
const UNKNOWN: Duration = Duration::from_secs(5);

/// Such tasks that are given back after that. Further ones are given back by their leases.
const UNKNOWN_AT_ONCE: usize = 1_024;

/// Takes messages until there are no more.
pub(super) async fn receive(worker: Weak<Worker>, mut messages: Messages) {
    while let Some(message) = messages.next().await {
        let Some(worker) = worker.upgrade() else { return };
        match message {
            Message::Execute { id, version } => worker.offered(id, version),
            Message::Unblock { promise } => worker.settled(&promise),
        }
    }
}

impl Worker {
    fn offered(self: &Arc<Self>, id: Id, version: i64) {
        let mut state = self.state();
        if state.closing || state.running.offered(&id, version, ACQUIRING) != Offer::Take {
            return;
        }
        drop(state);
        let worker = self.clone();
        task::spawn(async move {
            // Without room, the worker is being closed.
            if let Ok(room) = worker.permits.clone().acquire_owned().await {
                worker.acquire(&id, version, Permit::new(Some(room))).await;
            }
            worker.state().running.acquired(&id);
        });
    }

    async fn acquire(self: &Arc<Self>, id: &Id, version: i64, permit: Permit) {
        let (id, pid) = (id.clone(), self.pid.clone());
        let ttl = crate::clock::span(self.settings.lease);
        let acquire =
            Request::TaskAcquire(TaskAcquire { id: id.clone(), version, pid, ttl, resumed: false });
        let Ok(answer) = self.call(acquire, self.settings.lease).await else { return };
        // Without a claim, somebody else has it.
        let Some(claim) = self.claimed(&id, answer).await else { return };
        let version = claim.task.version;
        if self.is_closing() {
            return self.release(id, version, Duration::ZERO).await;
        }
        let resumed = self.state().running.resume(&id, version, claim.since, permit);
        if let Err(permit) = resumed {
            self.drive(&claim, permit);
        }
    }

    /// Drives an execution whose task this process has acquired.
    pub(crate) fn drive(self: &Arc<Self>, claim: &Claim, permit: Permit) {
        let (promise, version) = (&*claim.promise, claim.task.version);
        match known(&self.settings.layers, promise) {
            Ok((function, args)) => {
                let lease = Arc::new(Lease::new(self.settings.lease, claim.since));
                driver::spawn(self, promise, version, lease, function, args, permit);
            }
            Err(why) => self.give_back(Held::new(&self.settings.layers, promise, version), why),
        }
    }

    /// Room for an execution that this process started by itself, if there is some.
    pub(crate) fn permit(&self) -> Permit {
        Permit::new(self.permits.clone().try_acquire_owned().ok())
    }

    fn give_back(self: &Arc<Self>, held: Held, why: String) {
        tracing::error!(id = %held.id, group = self.settings.group, "{why}");
        let mut state = self.state();
        if state.unknown.len() >= UNKNOWN_AT_ONCE {
            return;
        }
        state.unknown.insert(held.id.clone(), held.version);
        drop(state);
        let worker = Arc::downgrade(self);
        task::spawn(async move {
            tokio::time::sleep(UNKNOWN).await;
            let Some(worker) = worker.upgrade() else { return };
            let version = worker.state().unknown.remove(&held.id);
            if let Some(version) = version {
                worker.release(held.id, version, worker.settings.lease).await;
            }
        });
    }
}

/// The function and the arguments that a promise was created for.
fn known(
    layers: &Layers,
    promise: &PromiseRecord,
) -> Result<(&'static Function, Arc<str>), String> {
    let invocation = Invocation::read(layers, promise)
        .map_err(|why| format!("the arguments of {} cannot be read: {why}", promise.id))?
        .ok_or_else(|| format!("the promise {} does not say what to execute", promise.id))?;
    let function = Registry::global()
        .get(&invocation.func, invocation.version)
        .ok_or_else(|| format!("this program has no durable function {:?}", invocation.func))?;
    Ok((function, invocation.array()))
}
