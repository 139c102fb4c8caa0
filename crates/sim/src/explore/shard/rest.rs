//! What holds whenever a shard waits for nothing: no read, no commit, no time that has come.

use abide_machine::{Internal, Phase, Row, armed};
use abide_protocol::{Address, Id};

use super::{scope::ShardScope, world::World};
use crate::explore::Violation;

type Check = Result<(), Violation>;

fn holds(condition: bool, what: &str, why: impl FnOnce() -> String) -> Check {
    if condition { Ok(()) } else { Err(Violation::new(what, why())) }
}

pub(super) fn check(scope: &ShardScope, world: &World) -> Check {
    if !world.rests(scope) {
        return Ok(());
    }
    holds(world.open.is_empty(), "every call is answered", || format!("{:?} wait", world.open))?;
    holds(world.disk == world.model, "a shard comes to what the machine comes to", || {
        format!("{:#?} is durable, the machine comes to {:#?}", world.disk, world.model)
    })?;
    world.disk.values().try_for_each(|row| {
        taken_up(scope, world, row)?;
        match row {
            Row::Task(task) => match task.phase {
                Phase::Pending { offered: true, .. } => {
                    offered(scope, world, &task.address, &task.id, task.version)
                }
                _ => Ok(()),
            },
            Row::Unblock(unblock) => {
                let sent = world.sent.iter().any(|sent| sent.unblock == **unblock);
                let later = world.refusals > 0 && world.shard.next_wake().is_some();
                let fine = sent || later || !hears(scope, world, &unblock.address);
                holds(fine, "every message goes out to whoever is connected", || {
                    format!("{unblock:?} is stored and not sent")
                })
            }
            _ => Ok(()),
        }
    })
}

/// Whatever is armed fires in time, also after a crash.
fn taken_up(scope: &ShardScope, world: &World, row: &Row) -> Check {
    let wake = world.shard.next_wake();
    armed(row).into_iter().try_for_each(|(due, step)| {
        // Nobody is offered a task again who is not there, and only as many as there is room for.
        if matches!((&step, row), (Internal::Dispatch { .. }, Row::Task(task))
            if matches!(task.phase, Phase::Pending { offered: true, .. })
                && (scope.is_tiny() || !hears(scope, world, &task.address)))
        {
            return Ok(());
        }
        let fine = due > world.now(scope) && wake.is_some_and(|wake| wake <= due);
        holds(fine, "whatever is armed is taken up", || {
            format!("{step:?} is due at {due}, and the shard wakes at {wake:?}")
        })
    })
}

fn offered(scope: &ShardScope, world: &World, address: &str, id: &Id, version: i64) -> Check {
    let known = world.offered.contains(&(id.clone(), version));
    let fine = known || scope.is_tiny() || !hears(scope, world, address);
    holds(fine, "a task is offered to whoever is connected", || {
        format!("{id} at {version} is pending, and offered are {:?}", world.offered)
    })
}

/// Whether somebody is connected at an address.
fn hears(scope: &ShardScope, world: &World, address: &str) -> bool {
    let connected = (0..scope.receivers.len()).filter(|which| world.is_connected(*which));
    let mut receivers = connected.map(|which| &scope.receivers[which]);
    receivers.any(|receiver| match (receiver, Address::parse(address)) {
        (abide_engine::Receiver::Member { group, .. }, Ok(Address::Any { group: of, .. })) => {
            **group == *of
        }
        (abide_engine::Receiver::Member { group, id }, Ok(Address::Uni { .. })) => {
            address == format!("poll://uni@{group}/{id}")
        }
        (abide_engine::Receiver::Http, Ok(Address::Http(_))) => true,
        _ => false,
    })
}
