//! Acquiring offered tasks, and driving them.

use std::{fmt, sync::Arc, time::Duration};

use abide_protocol::{Id, PromiseRecord};

use super::{Claim, Lease, Lost, Permit, Worker};
use crate::{
    attach, core::ask::Ask, driver, error::Error, payload::Invocation, registry::Registry, task,
    time, wire, wire::Held,
};

/// How long a task is kept whose function is not known here, before it is given back: another
/// process of the group may know it, and a task that comes straight back would spin.
const UNKNOWN: Duration = Duration::from_secs(5);

/// How long a task that came back at once waits for its execution to know that it was suspended.
const PARKING: Duration = Duration::from_millis(500);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(1);

/// Such tasks that are given back after that. Further ones are given back by their leases.
const UNKNOWN_AT_ONCE: usize = 1_024;

/// Why an offered task is not executed here.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// Somebody else has it.
    Elsewhere,
    /// This process takes no more work.
    Closing,
    /// The engine is out of reach.
    Unreachable(Error),
    /// This program cannot execute it, and why.
    Unknown(String),
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere => f.write_str("somebody else has it"),
            Self::Closing => f.write_str("this process is being closed"),
            Self::Unreachable(error) => error.fmt(f),
            Self::Unknown(why) => f.write_str(why),
        }
    }
}

impl Worker {
    /// Acquires a task, and drives it in a task of its own.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        id: &Id,
        version: i64,
        permit: Permit,
    ) -> Result<(), NotTaken> {
        let answer = self.ask_for(id, version).await;
        let (answer, told) = answer.map_err(|Lost(error)| NotTaken::Unreachable(error))?;
        let claim = self.claimed(id, answer).await.ok_or(NotTaken::Elsewhere)?;
        let version = claim.task.version;
        if self.is_closing() {
            self.release(id.clone(), version, Duration::ZERO).await;
            return Err(NotTaken::Closing);
        }
        self.parked(id, version).await;
        let resumed = self.state().running.resume(id, version, claim.since, permit, told);
        match resumed {
            Ok(()) => Ok(()),
            Err(permit) => self.drive(&claim, permit).map_err(NotTaken::Unknown),
        }
    }

    /// Waits until an execution knows that it was suspended, if its task has come back sooner than
    /// the answer that says so: otherwise it would be replayed for nothing.
    async fn parked(&self, id: &Id, version: i64) {
        let until = time::instant() + PARKING;
        while self.state().running.is_being_parked(id, version) && time::instant() < until {
            time::sleep(LOOK).await;
        }
    }

    /// Drives an execution whose task this process has acquired.
    ///
    /// # Errors
    /// Why it cannot be executed here; it is given back.
    pub(crate) fn drive(self: &Arc<Self>, claim: &Claim, permit: Permit) -> Result<(), String> {
        let (promise, version) = (&claim.promise, claim.task.version);
        match self.known(promise) {
            Ok(ask) => {
                let lease = Arc::new(Lease::new(self.settings.lease, claim.since));
                // What only waits for another execution must not take its place.
                let permit = if attach::only_waits(&ask) { Permit::new(None) } else { permit };
                driver::spawn(self, claim, lease, ask, permit);
                Ok(())
            }
            Err(why) => {
                self.give_back(Held::new(&self.settings.layers, promise, version), &why);
                Err(why)
            }
        }
    }

    /// Room for an execution that this process started by itself, if there is some.
    pub(crate) fn permit(&self) -> Permit {
        Permit::new(self.permits.clone().try_acquire_owned().ok())
    }

    fn give_back(self: &Arc<Self>, held: Held, why: &str) {
        tracing::error!(id = %held.id, group = self.settings.group, "{why}");
        let mut state = self.state();
        if state.unknown.len() >= UNKNOWN_AT_ONCE {
            return;
        }
        state.unknown.insert(held.id.clone(), held.version);
        drop(state);
        let worker = Arc::downgrade(self);
        task::spawn(async move {
            time::sleep(UNKNOWN).await;
            let Some(worker) = worker.upgrade() else { return };
            let version = worker.state().unknown.remove(&held.id);
            if let Some(version) = version {
                worker.release(held.id, version, worker.settings.lease).await;
            }
        });
    }
}

impl Worker {
    /// What a promise was created for, if this program can execute it.
    fn known(self: &Arc<Self>, promise: &Arc<PromiseRecord>) -> Result<Arc<Ask>, String> {
        let unreadable = |why: &dyn std::fmt::Display| {
            format!("the arguments of {} cannot be read: {why}", promise.id)
        };
        let invocation = Invocation::read(&self.settings.layers, promise)
            .map_err(|why| unreadable(&why))?
            .ok_or_else(|| format!("the promise {} does not say what to execute", promise.id))?;
        #[cfg(feature = "sim")]
        if let Some(programs) = &self.settings.programs {
            let ask = programs.ask(promise, &invocation.func, invocation.array());
            return ask.ok_or_else(|| format!("{} belongs to no program", promise.id));
        }
        if invocation.func == attach::FUNCTION {
            return Ok(Arc::new(attach::task(self, promise, invocation.array())));
        }
        let function = Registry::global()
            .get(&invocation.func, invocation.version)
            .ok_or_else(|| format!("this program has no durable function {:?}", invocation.func))?;
        // All that may be called from it is executed here too.
        let ready = self.settings.ready();
        let ready = ready.and_then(|()| self.settings.lacks_nothing_for(function));
        ready.map_err(|error| error.message().to_owned())?;
        let ask = function.ask_recorded(invocation.array());
        let mut ask = ask.map_err(|why| unreadable(&why))?;
        ask.options.retry = wire::sent_retry(promise).or(ask.options.retry);
        Ok(Arc::new(ask))
    }
}
