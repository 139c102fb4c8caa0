//! Suspending, and going on.

use std::{collections::HashMap, sync::Arc};

use abide_protocol::{CallbackAction, RegisterCallback, Request, Status, TaskSuspend};
use futures_util::future::join_all;

use super::{Done, Driver, End, load::children, perform::get};
use crate::{
    core::{event::Event, fault::Fault, intent::Op, outcome::Outcome},
    wire,
    worker::{Lost, Note, Worker},
};

/// Awaited promises that are looked at one by one when the execution goes on; more are found by a
/// search.
const ONE_BY_ONE: usize = 32;

impl Driver {
    /// Suspends the task until one of these is settled, and keeps the execution in memory.
    pub(super) async fn suspend(&mut self, mut on: Vec<(Op, Arc<str>)>) -> Option<End> {
        // A local call with a deadline of its own has nobody to watch it meanwhile.
        let running = self.execution.running();
        on.extend(running.into_iter().filter(|(_, id)| self.deadlines.contains_key(id)));
        let actions = on.iter().map(|(_, id)| CallbackAction {
            corr_id: String::new(),
            callback: RegisterCallback { awaited: (&**id).into(), awaiter: self.held.id.clone() },
        });
        let request = Request::TaskSuspend(TaskSuspend {
            id: self.held.id.clone(),
            version: self.held.version,
            actions: actions.collect(),
            resumed: false,
            again: false,
        });
        let answer = match self.worker.call(request, self.worker.settings.lease).await {
            Ok(answer) => answer,
            Err(Lost(error)) => return Some(End::Lost(error.to_string())),
        };
        match answer.response.status {
            Status::Redirect => {}
            Status::Ok => {
                if let Some(end) = self.park().await {
                    return Some(end);
                }
            }
            // The answer to an earlier attempt may have been lost: then it is suspended. If it is
            // not, the version will tell.
            Status::Conflict if answer.repeated => {
                if let Some(end) = self.park().await {
                    return Some(end);
                }
            }
            Status::Conflict | Status::NotFound => {
                return Some(End::Lost("the lease is over".to_owned()));
            }
            _ => {
                let why = answer.response.message().unwrap_or_default().to_owned();
                self.execution.stop(Fault::Refused { at: self.held.id.to_string(), why });
                return None;
            }
        }
        self.refresh(on).await.err()
    }

    /// Waits in memory until the task is acquired again.
    async fn park(&mut self) -> Option<End> {
        self.permit = None;
        self.worker.park(&self.held.id, self.held.version, self.weight());
        loop {
            match self.notes.recv().await {
                Some(Note::Resume { version, permit }) => {
                    self.held.version = version;
                    self.permit = Some(permit);
                    return None;
                }
                Some(note) => drop(self.note(note)),
                None => return Some(End::Lost("it made room for others".to_owned())),
            }
        }
    }

    /// Finds out which of the awaited promises are settled.
    async fn refresh(&mut self, on: Vec<(Op, Arc<str>)>) -> Result<(), End> {
        let settled = if on.len() <= ONE_BY_ONE {
            one_by_one(&self.worker, &on).await
        } else {
            by_search(&self.worker, &self.held.origin, &on).await?
        };
        for (op, outcome) in settled {
            self.execution.handle(Event::Arrived { op, outcome });
        }
        // A resumption without news suspends again.
        self.execution.resume();
        Ok(())
    }
}

async fn one_by_one(worker: &Worker, on: &[(Op, Arc<str>)]) -> Vec<(Op, Outcome)> {
    let outcomes = join_all(on.iter().map(|(_, id)| get(worker, id))).await;
    let outcomes = on.iter().zip(outcomes);
    outcomes.filter_map(|((op, _), outcome)| Some((*op, outcome?))).collect()
}

async fn by_search(
    worker: &Worker,
    origin: &str,
    on: &[(Op, Arc<str>)],
) -> Result<Vec<(Op, Outcome)>, End> {
    let mut scopes: HashMap<&str, HashMap<&str, Op>> = HashMap::new();
    for (op, id) in on {
        let parent = id.rsplit_once(['.', ':']).map_or("", |(parent, _)| parent);
        scopes.entry(parent).or_default().insert(id, *op);
    }
    let mut settled = Vec::new();
    for (parent, awaited) in scopes {
        let promises = children(worker, origin, parent).await.map_err(|done| match done {
            Done::Refused { why, .. } | Done::Lost(why) => End::Lost(why),
            _ => unreachable!("loading fails in no other way"),
        })?;
        settled.extend(promises.iter().filter_map(|promise| {
            Some((
                *awaited.get(promise.id.as_str())?,
                wire::outcome(&worker.settings.layers, promise)?,
            ))
        }));
    }
    Ok(settled)
}
