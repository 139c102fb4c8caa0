//! What disappears.

use abide_protocol::Body;

use super::super::{Area::Reclamation as AREA, Cases, Transition};
use super::Property;
use crate::{Effect, Key};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "a promise disappears only by whoever holds a task above it", by_holder),
    Property::step(AREA, "only what is done disappears", only_done),
    Property::step(AREA, "with a promise all below it disappears", whole_trees),
    Property::step(AREA, "a promise and its task disappear together", with_task),
    Property::step(AREA, "as many are told to be reclaimed as are gone", told),
    Property::step(AREA, "what is done and named disappears", named_disappears),
];

fn by_holder(at: &Transition, cases: &mut Cases) {
    for promise in at.gone_promises() {
        let id = &promise.record.id;
        let fine = at
            .reclaim()
            .is_some_and(|data| at.was_held(&data.id, data.version) && id.extends(&data.id));
        cases.check(fine, || format!("{id} is gone"));
    }
}

fn only_done(at: &Transition, cases: &mut Cases) {
    for promise in at.gone_promises() {
        let settled = !promise.record.is_pending() || promise.record.timeout_at <= at.now;
        let waiting = promise.awaiters.len() + promise.listeners.len() + promise.unheard.len();
        let done = settled && waiting == 0 && !promise.cascading;
        cases.check(done, || format!("{promise:?} is gone"));
    }
}

fn whole_trees(at: &Transition, cases: &mut Cases) {
    for promise in at.gone_promises() {
        let id = &promise.record.id;
        let left = [".", ":"].into_iter().find_map(|separator| {
            let from = Key::Promise(format!("{id}{separator}").into());
            let next = at.after.rows().range(from..).next()?.0;
            matches!(next, Key::Promise(next) if next.extends(id)).then_some(next)
        });
        cases.check(left.is_none(), || format!("{id} is gone and {left:?} is not"));
    }
}

fn with_task(at: &Transition, cases: &mut Cases) {
    for effect in &at.outcome.effects {
        let Effect::Delete(Key::Promise(id) | Key::Task(id)) = effect else { continue };
        let targeted = at.before.promise(id).is_some_and(|it| it.record.tags.target().is_some());
        let (promise, task) = (at.after.promise(id).is_some(), at.after.task(id).is_some());
        let fine = !promise && !task && (targeted == at.before.task(id).is_some());
        cases.check(fine, || format!("{id}: a promise: {promise}, a task: {task}"));
    }
}

fn told(at: &Transition, cases: &mut Cases) {
    let (Some(_), Some(response)) = (at.reclaim(), &at.outcome.response) else { return };
    let count = at.gone_promises().count() as u64;
    let fine = match response.body {
        Body::Reclaimed { reclaimed } => reclaimed == count,
        _ => count == 0,
    };
    cases.check(fine, || format!("{count} are gone: {response:?}"));
}

/// If it is below the task, and nothing below it was left.
fn named_disappears(at: &Transition, cases: &mut Cases) {
    let Some(data) = at.reclaim().filter(|_| at.is_granted()) else { return };
    for id in &data.promises {
        let Some(promise) = at.before.promise(id) else { continue };
        let below = [".", ":"].iter().any(|separator| {
            let from = Key::Promise(format!("{id}{separator}").into());
            let next = at.after.rows().range(from..).next();
            matches!(next, Some((Key::Promise(next), _)) if next.extends(id))
        });
        if promise.is_done(at.now) && id.extends(&data.id) && !below {
            cases.check(at.after.promise(id).is_none(), || format!("{id} is still there"));
        }
    }
}
