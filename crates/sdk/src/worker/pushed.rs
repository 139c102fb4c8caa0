//! Messages that are posted to this process rather than read from a stream.

use std::{sync::Arc, time::Duration};

use abide_protocol::{Id, PromiseGet, Request};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{Lost, Permit, Worker, acquire::NotTaken, inbox::Acquiring};
use crate::{error::Error, task};

/// How long looking at a promise may take, for which the sender waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Pushed tasks that are being acquired, or wait for room. Further ones are turned away.
const ACQUIRING: usize = 1_024;

/// What became of a pushed task.
#[derive(Debug)]
pub(crate) enum Pushed {
    /// It ended, or is suspended, or somebody else has it.
    Rests,
    /// It still runs.
    Runs,
    /// There is no room for it, or this process takes no more.
    Full,
    /// The engine is out of reach.
    Unreachable(Error),
    /// This program cannot execute it, and why.
    Unknown(String),
}

impl Worker {
    /// Executes a pushed task, and waits for it to end or to be suspended, for `wait` at most.
    pub(crate) async fn pushed(self: &Arc<Self>, id: Id, version: i64, wait: Duration) -> Pushed {
        let until = Instant::now() + wait;
        let acquiring = {
            let mut state = self.state();
            if state.closing || state.running.offers.acquiring() >= ACQUIRING {
                return Pushed::Full;
            }
            if state.running.is_stale(&id, version) || !state.running.offers.acquire(&id) {
                return Pushed::Rests;
            }
            Acquiring::new(self, id.clone())
        };
        let room = timeout_at(until, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(room)) = room else { return Pushed::Full };
        let (permit, rests) = Permit::watched(room);
        let (tell, told) = oneshot::channel();
        let worker = self.clone();
        // In a task of its own: whoever posted may hang up, and what was acquired must be driven.
        task::spawn(async move {
            let acquired = worker.acquire(&id, version, permit).await;
            drop(acquiring);
            // Nobody listens any more if the sender has its answer.
            let _ = tell.send(acquired);
        });
        match timeout_at(until, told).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(NotTaken::Elsewhere))) => return Pushed::Rests,
            Ok(Ok(Err(NotTaken::Unreachable(error)))) => return Pushed::Unreachable(error),
            Ok(Ok(Err(NotTaken::Unknown(why)))) => return Pushed::Unknown(why),
            Ok(Ok(Err(NotTaken::Closing)) | Err(_)) => return Pushed::Full,
            Err(_) => return Pushed::Runs,
        }
        match timeout_at(until, rests).await {
            Ok(_) => Pushed::Rests,
            Err(_) => Pushed::Runs,
        }
    }

    /// A message says that a promise is settled. Anybody may have posted it, so it is taken as a
    /// hint, and the promise is read from the engine, if somebody here waits for it.
    pub(crate) async fn hinted(&self, id: &Id) -> Result<(), Error> {
        if !self.is_awaited(id) {
            return Ok(());
        }
        let request = Request::PromiseGet(PromiseGet { id: id.clone() });
        let answer = self.call(request, PATIENCE).await.map_err(|Lost(error)| error)?;
        if let Some(promise) = answer.response.promise() {
            self.settled(promise);
        }
        Ok(())
    }
}
