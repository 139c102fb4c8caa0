//! Nothing that is told may be lost: what leaves the shard is durable.

use std::sync::Arc;

use abide_machine::{Key, Row, Unblock, promise_at};
use abide_protocol::{Body, Id, Message, PromiseRecord, Response, TaskRecord};

use super::{scope::ShardScope, world::World};
use crate::explore::{Violation, rows::Rows};

type Check = Result<(), Violation>;

fn holds(condition: bool, why: impl FnOnce() -> String) -> Check {
    if condition {
        Ok(())
    } else {
        Err(Violation::new("nothing is told that is not durable", why()))
    }
}

/// Checks what a call is answered.
pub(super) fn response(world: &World, scope: &ShardScope, response: &Response) -> Check {
    if let Some(told) = response.promise() {
        promise(world, scope, told)?;
    }
    response.preload().iter().try_for_each(|told| promise(world, scope, told))?;
    if let Some(told) = response.task() {
        task(world, scope, told)?;
    }
    match &response.body {
        Body::Promises { promises, .. } => {
            promises.iter().try_for_each(|told| promise(world, scope, told))
        }
        Body::Tasks { tasks, .. } => tasks.iter().try_for_each(|told| task(world, scope, told)),
        _ => Ok(()),
    }
}

/// What is told of a promise was durable once; if it has not been reclaimed since, it still is.
fn promise(world: &World, scope: &ShardScope, told: &PromiseRecord) -> Check {
    let now = world.now(scope).max(world.shard.clock());
    match world.disk.get(&Key::Promise(told.id.clone())) {
        Some(Row::Promise(stored)) => {
            let is = promise_at(&stored.record, now);
            let same = told.is_pending() || *is == *told || scope.reclaims;
            holds(same, || format!("{told:?} is told of, {is:?} is durable"))
        }
        _ => holds(scope.reclaims, || format!("{told:?} is told of and not durable")),
    }
}

fn task(world: &World, scope: &ShardScope, told: &TaskRecord) -> Check {
    let stored = world.disk.get(&Key::Task(told.id.clone()));
    let fine = match stored {
        Some(Row::Task(task)) => task.version >= told.version,
        _ => scope.reclaims,
    };
    holds(fine, || format!("{told:?} is told of, {stored:?} is durable"))
}

/// Checks a message.
pub(super) fn message(
    world: &World,
    scope: &ShardScope,
    address: &Arc<str>,
    message: &Message,
) -> Check {
    match message {
        Message::Execute { id, version } => {
            let stored = world.disk.get(&Key::Task(id.clone()));
            let fine = matches!(stored, Some(Row::Task(task)) if task.version >= *version);
            holds(fine || scope.reclaims, || format!("{message:?} is sent, {stored:?} is durable"))
        }
        Message::Unblock { promise: told } => {
            promise(world, scope, told)?;
            let unblock = Unblock { address: address.clone(), promise: told.id.clone() };
            let stored = world.disk.contains_key(&Row::Unblock(Arc::new(unblock)).key());
            holds(stored && !told.is_pending(), || format!("{message:?} is not stored"))
        }
    }
}

/// Whether a task is at this version.
pub(super) fn is_version(rows: &Rows, id: &Id, version: i64) -> bool {
    matches!(rows.get(&Key::Task(id.clone())), Some(Row::Task(task)) if task.version == version)
}
