//! What holds of a promise by itself.

use abide_protocol::{Address, Millis, PromiseRecord, PromiseState, Request, Status, Value, tag};

use super::super::{Area::Promise as AREA, Cases, State, Transition};
use super::Property;
use crate::{Internal, Promise, verdict};

pub(super) const CATALOGUE: &[Property] = &[
    Property::promise(AREA, "a pending promise has no value and no time of settlement", unsettled),
    Property::promise(AREA, "a promise settles no later than its deadline", settled_in_time),
    Property::promise(AREA, "a promise is created no later than its deadline", created_in_time),
    Property::promise(AREA, "a promise settles no earlier than it was created", lived),
    Property::promise(AREA, "what times out does so at its deadline, without a value", timed_out),
    Property::promise(AREA, "a timer never times out", timers_resolve),
    Property::promise(AREA, "nothing but a timer resolves at its deadline", only_timers_resolve),
    Property::promise(AREA, "nothing happens to a promise in the future", not_of_the_future),
    Property::promise(AREA, "a promise says the origin that its id says", says_its_origin),
    Property::promise(AREA, "the target of a promise can be routed", target_is_routable),
    Property::step(AREA, "a settled promise never changes", settled_is_immutable),
    Property::step(AREA, "what a promise was created with never changes", birth_is_immutable),
    Property::step(AREA, "a promise is born only where somebody creates it", born_by_creation),
    Property::step(AREA, "a promise is created as it was asked for", created_as_asked),
    Property::step(AREA, "a granted creation leaves its promise behind", creation_creates),
    Property::step(AREA, "what exists is not created again", not_created_again),
    Property::step(AREA, "a promise that is born before its deadline is pending", born_pending),
    Property::step(
        AREA,
        "a promise that is born past its deadline was settled then",
        born_past_deadline,
    ),
    Property::step(AREA, "nobody waits for a promise when it is born", born_alone),
    Property::step(AREA, "a promise is not found exactly if there is none", found_if_there),
];

fn unsettled(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if record.is_pending() {
        let fine = record.settled_at.is_none() && *record.value == Value::default();
        cases.check(fine, || format!("{record:?}"));
    }
}

fn settled_in_time(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if !record.is_pending() {
        let fine = record.settled_at.is_some_and(|time| time <= record.timeout_at);
        cases.check(fine, || format!("{record:?}"));
    }
}

fn created_in_time(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    cases.check(record.created_at <= record.timeout_at, || format!("{record:?}"));
}

fn lived(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if let Some(settled) = record.settled_at {
        cases.check(record.created_at <= settled, || format!("{record:?}"));
    }
}

fn timed_out(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if record.state == PromiseState::RejectedTimedout {
        let then = record.settled_at == Some(record.timeout_at);
        cases.check(then && *record.value == Value::default(), || format!("{record:?}"));
    }
}

fn timers_resolve(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if record.tags.is_timer() && !record.is_pending() {
        cases.check(record.state != PromiseState::RejectedTimedout, || format!("{record:?}"));
    }
}

/// Whoever settles a promise does so before its deadline.
fn only_timers_resolve(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if record.settled_at == Some(record.timeout_at) && !record.tags.is_timer() {
        let timed_out = record.state == PromiseState::RejectedTimedout;
        cases.check(timed_out, || format!("{record:?}"));
    }
}

fn not_of_the_future(state: &State, promise: &Promise, cases: &mut Cases) {
    let (record, now) = (&promise.record, state.now());
    let latest = record.settled_at.map_or(record.created_at, |it| it.max(record.created_at));
    cases.check(latest <= now, || format!("at {now}: {record:?}"));
}

fn says_its_origin(_: &State, promise: &Promise, cases: &mut Cases) {
    let record = &promise.record;
    if let Some(origin) = record.tags.get(tag::ORIGIN) {
        cases.check(record.id.is_or_extends(origin), || format!("{record:?}"));
    }
}

fn target_is_routable(_: &State, promise: &Promise, cases: &mut Cases) {
    if let Some(address) = promise.record.tags.address() {
        cases.check(Address::parse(address).is_ok(), || format!("{:?}", promise.record));
    }
}

fn settled_is_immutable(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.kept_promises().filter(|(before, _)| !before.record.is_pending()) {
        cases.check(before.record == after.record, || format!("{before:?} became {after:?}"));
    }
}

fn birth_is_immutable(at: &Transition, cases: &mut Cases) {
    let birth = |record: &PromiseRecord| {
        let shared = (record.param.clone(), record.tags.clone());
        (record.id.clone(), shared, record.timeout_at, record.created_at)
    };
    for (before, after) in at.kept_promises() {
        let same = birth(&before.record) == birth(&after.record);
        cases.check(same, || format!("{before:?} became {after:?}"));
    }
}

fn born_by_creation(at: &Transition, cases: &mut Cases) {
    let creates = match at.internal() {
        Some(Internal::Occurrence { promise, .. }) => Some(promise),
        _ => at.creates().map(|data| &data.id),
    };
    for promise in at.born_promises() {
        let id = &promise.record.id;
        cases.check(creates == Some(id), || format!("{id} is born, {creates:?} was asked for"));
    }
}

fn created_as_asked(at: &Transition, cases: &mut Cases) {
    let Some(asked) = at.creates() else { return };
    for promise in at.born_promises() {
        let record = &promise.record;
        let fine = record.id == asked.id
            && record.param == asked.param
            && record.tags == asked.tags
            && record.timeout_at == asked.timeout_at
            && record.created_at == at.now.min(asked.timeout_at);
        cases.check(fine, || format!("{asked:?} created {record:?}"));
    }
}

fn creation_creates(at: &Transition, cases: &mut Cases) {
    let Some(asked) = at.creates() else { return };
    if at.before.promise(&asked.id).is_none() {
        cases.check(at.after.promise(&asked.id).is_some(), || format!("{asked:?} created nothing"));
    }
}

fn not_created_again(at: &Transition, cases: &mut Cases) {
    let Some(asked) = at.creates() else { return };
    let Some(before) = at.before.promise(&asked.id) else { return };
    if at.settles().is_some() && at.was_live(&asked.id) {
        // What is recorded and is there already is settled, and that is looked at elsewhere.
        return;
    }
    let after = at.after.promise(&asked.id);
    cases.check(after == Some(before), || format!("{before:?} became {after:?}"));
}

fn born_pending(at: &Transition, cases: &mut Cases) {
    if at.settles().is_some() {
        return;
    }
    for promise in at.born_promises().filter(|promise| promise.record.timeout_at > at.now) {
        cases.check(promise.record.is_pending(), || format!("{promise:?}"));
    }
}

fn born_past_deadline(at: &Transition, cases: &mut Cases) {
    for promise in at.born_promises().filter(|promise| promise.record.timeout_at <= at.now) {
        let record = &promise.record;
        let then: Option<Millis> = Some(record.timeout_at);
        let fine = record.state == verdict(&record.tags) && record.settled_at == then;
        cases.check(fine && *record.value == Value::default(), || format!("{record:?}"));
    }
}

fn born_alone(at: &Transition, cases: &mut Cases) {
    for promise in at.born_promises() {
        let alone = !promise.is_waited_for() && promise.unheard.is_empty();
        cases.check(alone && !promise.cascading, || format!("{promise:?}"));
    }
}

fn found_if_there(at: &Transition, cases: &mut Cases) {
    let (Some(request), Some(status)) = (at.request(), at.status()) else { return };
    let id = match request {
        Request::PromiseGet(data) => &data.id,
        Request::PromiseSettle(data) => &data.id,
        Request::PromiseRegisterListener(data) => &data.awaited,
        _ => return,
    };
    let there = at.before.promise(id).is_some();
    let wanted = if there { Status::Ok } else { Status::NotFound };
    cases.check(status == wanted, || format!("{status:?} for {id}"));
}
