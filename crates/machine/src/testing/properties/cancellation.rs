//! What is canceled with its owner.

use abide_protocol::{PromiseRecord, PromiseState, Value, tag};

use super::super::{Area::Cancellation as AREA, Cases, State, Transition};
use super::Property;
use crate::{Internal, Promise, owner};

pub(super) const CATALOGUE: &[Property] = &[
    Property::promise(AREA, "only a canceled promise cancels what it owns", only_canceled).untold(),
    Property::promise(AREA, "nothing pending outlives the cancellation of its owner", outlives)
        .lived(),
    Property::step(AREA, "a canceled promise cancels what it owns, from the start", begins),
    Property::step(
        AREA,
        "a cancellation ends when nothing is left that the promise owns",
        ends_when_done,
    ),
    Property::step(AREA, "what nobody has canceled is canceled only with its owner", with_owner),
    Property::step(AREA, "what is owned by a canceled promise is canceled in turn", in_turn),
];

fn only_canceled(_: &State, promise: &Promise, cases: &mut Cases) {
    if promise.cascading {
        let canceled = promise.record.state == PromiseState::RejectedCanceled;
        cases.check(canceled, || format!("{promise:?}"));
    }
}

/// But for what is created afterwards, and the occurrences of schedules, which may say so.
fn outlives(state: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if !record.is_pending() || record.tags.get(tag::SCHEDULE).is_some() {
        return;
    }
    let Some(by) = owner(record).and_then(|owner| state.promise(&owner.into())) else { return };
    let canceled = by.record.state == PromiseState::RejectedCanceled;
    if canceled && !by.cascading && state.config().extensions.cancel() {
        let later = by.record.settled_at <= Some(record.created_at);
        cases.check(later, || format!("{record:?} is owned by {by:?}"));
    }
}

fn begins(at: &Transition, cases: &mut Cases) {
    let cancel = at.after.config().extensions.cancel();
    for (before, after) in at.promises() {
        let Some(after) = after else { continue };
        let canceled = after.record.state == PromiseState::RejectedCanceled;
        let was = before.is_none_or(|before| before.record.is_pending());
        if canceled && was {
            cases.check(after.cascading == cancel, || format!("{before:?} became {after:?}"));
        }
    }
}

/// But for what is created afterwards: it may come after the look at what there is.
fn ends_when_done(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises().filter(|(before, _)| before.cascading) {
        let id = &before.record.id;
        if after.cascading {
            continue;
        }
        let earlier =
            |it: &PromiseRecord| Some(it.created_at) < before.record.settled_at && it.is_pending();
        let mut pending = at.before.tree(id).map(|it| &it.record).filter(|it| earlier(it));
        let left = pending.find(|it| owner(it) == Some(&**id));
        cases.check(left.is_none(), || format!("{id} ends its cascade before {left:?}"));
    }
}

fn with_owner(at: &Transition, cases: &mut Cases) {
    if at.internal().is_none() {
        return;
    }
    for (before, after) in at.promises() {
        let Some(after) = after else { continue };
        let record = &after.record;
        let was = before.is_none_or(|before| before.record.is_pending());
        if record.state != PromiseState::RejectedCanceled || !was {
            continue;
        }
        let by = owner(record).and_then(|owner| at.before.promise(&owner.into()));
        let canceled =
            by.is_some_and(|by| by.cascading && by.record.state == PromiseState::RejectedCanceled);
        let now = record.settled_at == Some(at.now) && *record.value == Value::default();
        cases.check(canceled && now, || format!("{after:?} of {by:?}"));
    }
}

fn in_turn(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Cancel { owner: by, id }) = at.internal() else { return };
    let Some(promise) = at.before.promise(id).filter(|it| it.record.is_pending()) else { return };
    let cascading = at.before.promise(by).is_some_and(|by| by.cascading);
    let owned = cascading && owner(&promise.record) == Some(&**by);
    let settled = at.after.promise(id).is_some_and(|it| !it.record.is_pending());
    cases.check(settled == owned, || format!("{promise:?} of {by}, settled: {settled}"));
}
