//! What holds of every step, whatever it does: what it reads, writes and answers.

use std::{borrow::Cow, collections::BTreeSet};

use abide_protocol::{Kind, Millis, Request, ScheduleCreate, Status, limit};

use super::super::{Area::Store as AREA, Cases, State, Transition};
use super::{Predicate, Property};
use crate::{Effect, Internal, Key, Phase, Row, Step, cron, template};

pub(super) const CATALOGUE: &[Property] = &[
    Property::step(AREA, "a step reads what the steps before it have left", reads_what_is_left),
    Property::step(AREA, "a step is a function of the state and the time", is_a_function),
    Property::step(AREA, "time never goes back", time_goes_on),
    Property::step(AREA, "a footprint covers all that is read and put", footprint_covers),
    Property::step(AREA, "a record is written at most once in a step", written_once),
    Property::step(AREA, "a request is answered and an internal step is not", answered),
    Property::step(AREA, "what is malformed is refused as such, and nothing else", malformed),
    Property::step(AREA, "a read changes nothing", read_is_pure),
    Property::step(AREA, "a refusal changes nothing", refusal_is_pure),
    Property::step(AREA, "firing a step again changes nothing", repeated_firing),
    Property::new(AREA, "a record is stored under its own key", Predicate::Record(under_its_key)),
];

fn reads_what_is_left(at: &Transition, cases: &mut Cases) {
    for (key, read) in at.read {
        let left = at.before.rows().get(key);
        cases.check(read.as_ref() == left, || format!("{key:?} was {left:?}, not {read:?}"));
    }
}

/// Whether a step can be taken over the state at all: the machine asserts what it relies on. Where
/// it cannot, other properties do not hold.
fn can_step(state: &State, step: &Step) -> bool {
    step.footprint().iter().all(|key| {
        let (Key::Promise(id) | Key::Task(id)) = key else { return true };
        match (state.promise(id), state.task(id)) {
            (None, task) => task.is_none(),
            (Some(promise), None) => promise.record.tags.target().is_none(),
            (Some(promise), Some(task)) => {
                let ended = task.phase == Phase::Fulfilled;
                promise.record.tags.target().is_some() && ended != promise.record.is_pending()
            }
        }
    })
}

fn is_a_function(at: &Transition, cases: &mut Cases) {
    if !can_step(&at.before, at.step) {
        return;
    }
    let again = crate::step(&at.before, at.step, at.now, at.before.config());
    cases.check(again == *at.outcome, || format!("again it is {again:?}"));
}

fn time_goes_on(at: &Transition, cases: &mut Cases) {
    let before = at.before.now();
    cases.check(at.now >= before, || format!("time goes from {before} back to {}", at.now));
}

fn footprint_covers(at: &Transition, cases: &mut Cases) {
    let footprint: BTreeSet<Key> = at.step.footprint().into_iter().collect();
    let written = at.outcome.effects.iter().filter_map(Effect::key);
    for key in at.read.keys().cloned().chain(written) {
        let fine = matches!(key, Key::Unblock(..)) || footprint.contains(&key);
        cases.check(fine, || format!("{key:?} is not in the footprint"));
    }
}

fn written_once(at: &Transition, cases: &mut Cases) {
    let mut seen = BTreeSet::new();
    for key in at.outcome.effects.iter().filter_map(Effect::key) {
        cases.check(seen.insert(key.clone()), || format!("{key:?} is written twice"));
    }
}

fn answered(at: &Transition, cases: &mut Cases) {
    let is_request = at.internal().is_none();
    cases.check(is_request == at.outcome.response.is_some(), || "it is the opposite".into());
}

/// The request as it is understood where not every extension is offered.
fn understood<'a>(at: &Transition<'a>, request: &'a Request) -> Option<Cow<'a, Request>> {
    let extensions = at.before.config().extensions;
    if extensions.contains(request.uses()) {
        return Some(Cow::Borrowed(request));
    }
    request.clone().limited_to(extensions).ok().map(Cow::Owned)
}

fn malformed(at: &Transition, cases: &mut Cases) {
    let (Some(request), Some(response)) = (at.request(), &at.outcome.response) else { return };
    let fine = understood(at, request).is_some_and(|request| request.validate().is_ok());
    let refused = response.status == Status::BadRequest;
    // Whether a cron expression is one depends on the time, too.
    let fine = fine && !matches!(request, Request::ScheduleCreate(data) if !occurs(data, at.now));
    cases.check(fine != refused, || format!("{response:?}"));
}

/// Whether a schedule has an occurrence, and an id for its promise.
fn occurs(data: &ScheduleCreate, now: Millis) -> bool {
    let next = cron::next_after(&data.cron, now);
    let longest = template::longest(&data.promise_id, &data.id);
    matches!(next, Ok(Some(_))) && longest <= limit::TEXT_BYTES
}

fn read_is_pure(at: &Transition, cases: &mut Cases) {
    let Some(request) = at.request() else { return };
    if matches!(request.kind(), Kind::PromiseGet | Kind::TaskGet | Kind::ScheduleGet) {
        cases.check(at.outcome.effects.is_empty(), || "it has effects".into());
    }
}

fn refusal_is_pure(at: &Transition, cases: &mut Cases) {
    let Some(response) = &at.outcome.response else { return };
    if response.status >= Status::BadRequest {
        cases.check(at.outcome.effects.is_empty(), || "it has effects".into());
    }
}

/// An offer is the exception: it is made whenever a receiver connects. So is an occurrence whose
/// schedule is still due: if every occurrence makes the same id, the same step is the next one.
fn repeated_firing(at: &Transition, cases: &mut Cases) {
    let due_again = |id| {
        let schedule = at.after.schedule(id);
        schedule.is_some_and(|schedule| schedule.record.next_run_at <= at.now)
    };
    match at.step {
        Step::Request(_) | Step::Reclaim(_) => {}
        Step::Internal(Internal::Offer { .. } | Internal::Delivered(_)) => {}
        Step::Internal(Internal::Occurrence { id, .. }) if due_again(id) => {}
        Step::Internal(_) if !can_step(&at.after, at.step) => {}
        Step::Internal(_) => {
            let again = crate::step(&at.after, at.step, at.now, at.after.config());
            cases.check(again.effects.is_empty(), || format!("again: {again:?}"));
        }
    }
}

fn under_its_key(_: &State, key: &Key, row: &Row, cases: &mut Cases) {
    cases.check(row.key() == *key, || format!("{row:?} is stored under {key:?}"));
}
