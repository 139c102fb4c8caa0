//! How promises settle.

use abide_protocol::{PromiseRecord, PromiseState};

use super::super::{Area::Settlement as AREA, Cases, Transition};
use super::Property;
use crate::{Internal, is_live, promise_at};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "what is settled is settled as it was asked for", settled_as_asked),
    Property::step(AREA, "whoever settles what is settled changes nothing", first_wins),
    Property::step(
        AREA,
        "a live promise is settled only by who asks for it, or with its owner",
        settled_by_whom,
    ),
    Property::step(AREA, "past its deadline a promise only becomes what it is", written_as_is),
    Property::step(AREA, "a deadline does nothing before its time", deadline_not_early),
    Property::step(AREA, "an armed deadline that has passed settles its promise", deadline_settles),
    Property::step(AREA, "a deadline settles nothing but its promise", deadline_alone),
    Property::step(AREA, "a step settles no more than it has reason to", one_at_a_time),
];

fn settled_as_asked(at: &Transition, cases: &mut Cases) {
    let Some(asked) = at.settles() else { return };
    let after = at.after.promise(&asked.id).map(|after| &after.record);
    // What the same step creates is settled by it as well, unless its deadline has passed.
    let before = at.before.promise(&asked.id).map(|before| &before.record).or(after);
    let Some(before) = before.filter(|before| before.timeout_at > at.now) else { return };
    if at.before.promise(&asked.id).is_some() && !at.was_live(&asked.id) {
        return;
    }
    let wanted = PromiseRecord {
        state: asked.state.into(),
        value: asked.value.clone(),
        settled_at: Some(at.now),
        ..PromiseRecord::clone(before)
    };
    cases.check(after.is_some_and(|it| **it == wanted), || format!("{asked:?} made {after:?}"));
}

fn first_wins(at: &Transition, cases: &mut Cases) {
    let Some(asked) = at.settles().filter(|asked| !at.was_live(&asked.id)) else { return };
    let Some(before) = at.before.promise(&asked.id) else { return };
    let after = at.after.promise(&asked.id);
    cases.check(after == Some(before), || format!("{before:?} became {after:?}"));
}

fn settled_by_whom(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        let id = &after.record.id;
        if !is_live(&before.record, at.now) || after.record.is_pending() {
            continue;
        }
        let asked = at.settles().is_some_and(|asked| asked.id == *id);
        let with_owner = matches!(at.internal(), Some(Internal::Cancel { id: it, .. }) if it == id);
        cases.check(asked || with_owner, || format!("{before:?} became {after:?}"));
    }
}

fn written_as_is(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        if before.record.is_pending() && !is_live(&before.record, at.now) {
            let is = promise_at(&before.record, at.now);
            let fine = after.record == is || after.record == before.record;
            cases.check(fine, || format!("{before:?} became {after:?} at {}", at.now));
        }
    }
}

fn deadline_not_early(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Deadline { id }) = at.internal() else { return };
    if at.was_live(id) {
        cases.check(at.outcome.effects.is_empty(), || format!("{id} lives at {}", at.now));
    }
}

fn deadline_settles(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Deadline { id }) = at.internal() else { return };
    let Some(before) = at.before.promise(id) else { return };
    if before.is_armed() && !at.was_live(id) {
        let settled = at.after.promise(id).is_some_and(|after| !after.record.is_pending());
        cases.check(settled, || format!("{before:?} is still pending at {}", at.now));
    }
}

fn deadline_alone(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Deadline { id }) = at.internal() else { return };
    for key in at.outcome.effects.iter().filter_map(|effect| effect.key()) {
        let own = match &key {
            crate::Key::Promise(of) | crate::Key::Task(of) => of == id,
            _ => false,
        };
        cases.check(own, || format!("the deadline of {id} has changed {key:?}"));
    }
}

/// A request settles one promise; a callback, that which has settled by its deadline and the
/// awaiter whose deadline came first.
fn one_at_a_time(at: &Transition, cases: &mut Cases) {
    let settled = at.kept_promises().filter(|(before, after)| {
        before.record.is_pending() && after.record.state != PromiseState::Pending
    });
    let settled = settled.count();
    if settled > 0 {
        let most = if matches!(at.internal(), Some(Internal::Callback { .. })) { 2 } else { 1 };
        cases.check(settled <= most, || format!("{settled} promises are settled at once"));
    }
}
