//! What a promise owes to those who wait for it.

use super::super::{Area::Settlement as AREA, Cases, Transition};
use super::Property;
use crate::{Internal, is_live};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "who waits for a live promise goes on waiting", waiting_is_kept),
    Property::step(AREA, "a settled promise takes nobody who waits", takes_nobody),
    Property::step(AREA, "an awaiter leaves only by its own callback", awaiter_leaves),
    Property::step(AREA, "a listener leaves only by its own message", listener_leaves),
    Property::step(AREA, "a callback that is due is done", callback_is_done),
    Property::step(AREA, "a listener that is due is told", listener_is_told),
];

fn waiting_is_kept(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        if is_live(&before.record, at.now) && before.is_waited_for() {
            let kept = before.awaiters.is_subset(&after.awaiters)
                && before.listeners.is_subset(&after.listeners);
            cases.check(kept, || format!("{before:?} became {after:?}"));
        }
    }
}

fn takes_nobody(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        if !is_live(&before.record, at.now) {
            let gained = !after.awaiters.is_subset(&before.awaiters)
                || !after.listeners.is_subset(&before.listeners);
            cases.check(!gained, || format!("{before:?} became {after:?}"));
        }
    }
}

fn awaiter_leaves(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        for gone in before.awaiters.difference(&after.awaiters) {
            let by_callback = matches!(at.internal(),
                Some(Internal::Callback { awaited, awaiter })
                    if *awaited == before.record.id && awaiter == gone);
            cases.check(by_callback, || format!("{gone} no longer awaits {}", before.record.id));
        }
    }
}

fn listener_leaves(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises() {
        for gone in before.listeners.difference(&after.listeners) {
            let by_step = matches!(at.internal(), Some(Internal::Listener { id, address })
                if *id == before.record.id && address == gone);
            let stored = at.after.has_message(gone, &before.record.id);
            let id = &before.record.id;
            cases.check(by_step && stored, || format!("{gone} no longer listens to {id}"));
        }
    }
}

fn callback_is_done(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Callback { awaited, awaiter }) = at.internal() else { return };
    let waited = at.before.promise(awaited).is_some_and(|it| it.awaiters.contains(awaiter));
    if waited && !at.was_live(awaited) {
        let waits = at.after.promise(awaited).is_some_and(|it| it.awaiters.contains(awaiter));
        cases.check(!waits, || format!("{awaiter} still awaits {awaited}"));
    }
}

fn listener_is_told(at: &Transition, cases: &mut Cases) {
    let Some(Internal::Listener { id, address }) = at.internal() else { return };
    let listened = at.before.promise(id).is_some_and(|it| it.listeners.contains(address));
    if listened && !at.was_live(id) {
        let told = at.after.has_message(address, id);
        cases.check(told, || format!("{address} hears nothing of {id}"));
    }
}
