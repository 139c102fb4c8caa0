//! What holds of the promises that disappear.

use std::collections::BTreeSet;
use std::sync::Arc;

use abide_protocol::Id;

use super::{Property, Transition, holds};
use crate::{Key, Phase, Step, is_live};

pub(super) const CATALOGUE: &[Property] = &[
    Property {
        area: super::Area::Promise,
        name: "only what is done disappears, by whoever holds a task above it",
        check: gone,
    },
    Property {
        area: super::Area::Promise,
        name: "with a promise all below it disappears, and its task",
        check: whole_trees,
    },
    Property {
        area: super::Area::Promise,
        name: "what is told to be reclaimed is gone",
        check: told,
    },
    Property {
        area: super::Area::Promise,
        name: "a promise below a root knows the messages about it",
        check: unheard_is_stored,
    },
];

fn gone_promises<'a>(at: &Transition<'a>) -> impl Iterator<Item = &'a Id> {
    let after = at.after;
    let before = at.before.promises().map(|promise| &promise.record.id);
    before.filter(move |id| after.promise(id).is_none())
}

fn gone(at: &Transition) -> Result<(), String> {
    gone_promises(at).try_for_each(|id| {
        let Step::Reclaim(data) = at.step else { return Err(format!("{id} is gone")) };
        let holder = at.before.task(&data.id).ok_or("no task")?;
        let live = at.before.promise(&data.id).is_some_and(|it| is_live(&it.record, at.now));
        let held = matches!(holder.phase, Phase::Acquired { .. }) && holder.version == data.version;
        let done = at.before.promise(id).is_some_and(|promise| promise.is_done(at.now));
        let fine = live && held && done && id.extends(&data.id);
        holds(fine, || format!("{id} is gone by {holder:?}"))
    })
}

fn whole_trees(at: &Transition) -> Result<(), String> {
    gone_promises(at).try_for_each(|id| {
        let left = at.after.promises().find(|promise| promise.record.id.extends(id));
        holds(left.is_none(), || format!("{id} is gone and {left:?} is not"))?;
        holds(at.after.task(id).is_none(), || format!("{id} is gone and its task is not"))
    })?;
    at.before.rows().keys().try_for_each(|key| match key {
        Key::Task(id) if at.after.promise(id).is_some() => {
            holds(at.after.task(id).is_some(), || format!("the task {id} is gone"))
        }
        _ => Ok(()),
    })
}

fn told(at: &Transition) -> Result<(), String> {
    let (Step::Reclaim(_), Some(response)) = (at.step, &at.outcome.response) else {
        return Ok(());
    };
    let count = gone_promises(at).count() as u64;
    let fine = match response.body {
        abide_protocol::Body::Reclaimed { reclaimed } => reclaimed == count,
        _ => count == 0,
    };
    holds(fine, || format!("{count} are gone: {response:?}"))
}

/// Or a message would be left that speaks of nothing.
fn unheard_is_stored(at: &Transition) -> Result<(), String> {
    if !at.after.config().extensions.reclaim() {
        return Ok(());
    }
    let messages = at.after.rows().keys().filter_map(|key| match key {
        Key::Unblock(address, id) if !id.is_root() => Some((id.clone(), address.clone())),
        _ => None,
    });
    let stored: BTreeSet<(Id, Arc<str>)> = messages.collect();
    let known = at.after.promises().flat_map(|promise| {
        promise.unheard.iter().map(|address| (promise.record.id.clone(), address.clone()))
    });
    let known: BTreeSet<(Id, Arc<str>)> = known.collect();
    holds(stored == known, || format!("{stored:?} are stored, {known:?} are known"))
}
