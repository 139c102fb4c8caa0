//! How those who listen are told.

use std::sync::Arc;

use super::super::{Area::Outbox as AREA, Cases, State, Transition};
use super::Property;
use crate::{Effect, Internal, Key, Promise, Row, Unblock};

pub(super) const CATALOGUE: &[Property] = &[
    Property::message(AREA, "a message speaks of a settled promise", of_settled),
    Property::message(AREA, "a message is for an address that can be reached", routable),
    Property::message(AREA, "a message about a promise below a root is known to it", is_known)
        .lived(),
    Property::promise(AREA, "a promise knows only of messages that are stored", knows_stored)
        .untold(),
    Property::step(AREA, "a message arises only for a listener", for_a_listener),
    Property::step(AREA, "a message is forgotten only when it was taken", taken_only),
    Property::step(AREA, "a message that was taken is forgotten", taken_is_forgotten),
];

fn of_settled(state: &State, message: &Unblock, cases: &mut Cases) {
    let promise = state.promise(&message.promise);
    let settled = promise.is_some_and(|it| !it.record.is_pending());
    cases.check(settled, || format!("{message:?} speaks of {promise:?}"));
}

fn routable(_: &State, message: &Unblock, cases: &mut Cases) {
    let fine = abide_protocol::Address::parse(&message.address).is_ok();
    cases.check(fine, || format!("{message:?}"));
}

fn is_known(state: &State, message: &Unblock, cases: &mut Cases) {
    if message.promise.is_root() || !state.config().extensions.reclaim() {
        return;
    }
    let promise = state.promise(&message.promise);
    let known = promise.is_some_and(|it| it.unheard.contains(&message.address));
    cases.check(known, || format!("{promise:?} does not know {message:?}"));
}

fn knows_stored(state: &State, promise: &Promise, cases: &mut Cases) {
    let id = &promise.record.id;
    for address in &promise.unheard {
        let stored = state.has_message(address, id);
        cases.check(stored && !id.is_root(), || format!("{address} has no message about {id}"));
    }
}

fn for_a_listener(at: &Transition, cases: &mut Cases) {
    for effect in &at.outcome.effects {
        let Effect::Put(Row::Unblock(message)) = effect else { continue };
        let listened = at.before.promise(&message.promise);
        let listened = listened.is_some_and(|it| it.listeners.contains(&message.address));
        let by_step = matches!(at.internal(), Some(Internal::Listener { id, address })
            if *id == message.promise && *address == message.address);
        cases.check(listened && by_step, || format!("{message:?} is stored"));
    }
}

fn taken(at: &Transition) -> Option<(Arc<str>, abide_protocol::Id)> {
    match at.internal()? {
        Internal::Delivered(it) => Some((it.address.clone(), it.promise.clone())),
        _ => None,
    }
}

fn taken_only(at: &Transition, cases: &mut Cases) {
    for effect in &at.outcome.effects {
        let Effect::Delete(Key::Unblock(address, promise)) = effect else { continue };
        let fine = taken(at).is_some_and(|(to, id)| to == *address && id == *promise);
        cases.check(fine, || format!("the message to {address} about {promise} is gone"));
    }
}

fn taken_is_forgotten(at: &Transition, cases: &mut Cases) {
    let Some((address, promise)) = taken(at) else { return };
    if at.before.has_message(&address, &promise) {
        let stored = at.after.has_message(&address, &promise);
        let known = at.after.promise(&promise).is_some_and(|it| it.unheard.contains(&address));
        cases.check(!stored && !known, || format!("{address} still hears of {promise}"));
    }
}
