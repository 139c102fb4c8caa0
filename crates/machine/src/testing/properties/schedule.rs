//! What holds of schedules.

use abide_protocol::{Address, Request, ScheduleRecord, Status, Tags, tag};

use super::super::{Area::Schedule as AREA, Cases, State, Transition};
use super::Property;
use crate::{Internal, Schedule, cron, is_live};

pub(super) const CATALOGUE: &[Property] = &[
    Property::schedule(AREA, "a schedule runs next after it has run last", forward).untold(),
    Property::schedule(AREA, "a schedule has run only in the past", ran_in_the_past).untold(),
    Property::schedule(
        AREA,
        "the next run is the first occurrence of the cron expression after the last",
        next_is_an_occurrence,
    )
    .untold(),
    Property::schedule(AREA, "the target of a schedule can be routed", target_is_routable).untold(),
    Property::step(AREA, "what a schedule was created with never changes", birth_is_immutable),
    Property::step(AREA, "a schedule is created as it was asked for", created_as_asked),
    Property::step(AREA, "a schedule that exists is not created again", not_created_again),
    Property::step(AREA, "a schedule goes exactly if it is deleted", gone_if_deleted),
    Property::step(AREA, "a schedule is not found exactly if there is none", found_if_there),
    Property::step(AREA, "an occurrence happens only when it is due", not_early),
    Property::step(AREA, "an occurrence that is due happens once", happens_once),
    Property::step(AREA, "an occurrence leaves its promise behind", leaves_its_promise),
    Property::step(
        AREA,
        "the promise of an occurrence is as its schedule says",
        promise_as_scheduled,
    ),
];

fn forward(_: &State, schedule: &Schedule, cases: &mut Cases) {
    let record = &schedule.record;
    let last = record.last_run_at.unwrap_or(record.created_at);
    cases.check(last < record.next_run_at, || format!("{record:?}"));
}

fn ran_in_the_past(state: &State, schedule: &Schedule, cases: &mut Cases) {
    let record = &schedule.record;
    let last = record.last_run_at.unwrap_or(record.created_at);
    cases.check(last <= state.now(), || format!("at {}: {record:?}", state.now()));
}

fn next_is_an_occurrence(_: &State, schedule: &Schedule, cases: &mut Cases) {
    let record = &schedule.record;
    let last = record.last_run_at.unwrap_or(record.created_at);
    let next = cron::next_after(&record.cron, last);
    let fine = next.as_ref().is_ok_and(|next| next.unwrap_or(i64::MAX) == record.next_run_at);
    cases.check(fine, || format!("{next:?} comes next for {record:?}"));
}

fn target_is_routable(_: &State, schedule: &Schedule, cases: &mut Cases) {
    let address = schedule.record.promise_tags.address();
    let fine = address.is_some_and(|address| Address::parse(address).is_ok());
    cases.check(fine, || format!("{:?}", schedule.record));
}

fn birth_is_immutable(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.schedules() {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let (was, is) = (&before.record, &after.record);
        let moved = ScheduleRecord {
            next_run_at: is.next_run_at,
            last_run_at: is.last_run_at,
            ..ScheduleRecord::clone(was)
        };
        cases.check(moved == **is, || format!("{was:?} became {is:?}"));
    }
}

fn created_as_asked(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.schedules() {
        let (None, Some(after)) = (before, after) else { continue };
        let is = &after.record;
        let asked = match at.request() {
            Some(Request::ScheduleCreate(asked)) if asked.id == is.id => asked,
            _ => {
                cases.fail(format!("{is:?} is born"));
                continue;
            }
        };
        let fine = is.cron == asked.cron
            && is.promise_id == asked.promise_id
            && is.promise_timeout == asked.promise_timeout
            && is.promise_param == asked.promise_param
            && is.promise_tags == asked.promise_tags
            && is.created_at == at.now
            && is.last_run_at.is_none();
        cases.check(fine, || format!("{asked:?} created {is:?}"));
    }
}

fn not_created_again(at: &Transition, cases: &mut Cases) {
    let Some(Request::ScheduleCreate(asked)) = at.request() else { return };
    let Some(before) = at.before.schedule(&asked.id) else { return };
    let after = at.after.schedule(&asked.id);
    cases.check(after == Some(before), || format!("{before:?} became {after:?}"));
}

fn gone_if_deleted(at: &Transition, cases: &mut Cases) {
    let deleted = match at.request() {
        Some(Request::ScheduleDelete(data)) if at.is_granted() => Some(&data.id),
        _ => None,
    };
    for (before, after) in at.schedules() {
        let (Some(before), None) = (before, after) else { continue };
        let id = &before.record.id;
        cases.check(deleted == Some(id), || format!("{id} is gone"));
    }
    if let Some(id) = deleted {
        cases.check(at.after.schedule(id).is_none(), || format!("{id} is deleted and there"));
    }
}

fn found_if_there(at: &Transition, cases: &mut Cases) {
    let (Some(request), Some(status)) = (at.request(), at.status()) else { return };
    let id = match request {
        Request::ScheduleGet(data) => &data.id,
        Request::ScheduleDelete(data) => &data.id,
        _ => return,
    };
    let there = at.before.schedule(id).is_some();
    let wanted = if there { Status::Ok } else { Status::NotFound };
    cases.check(status == wanted, || format!("{status:?} for {id}"));
}

/// The schedule of the occurrence that the step is, before it.
fn occurrence<'a>(at: &Transition<'a>) -> Option<(&'a Schedule, &'a abide_protocol::Id)> {
    match at.internal()? {
        Internal::Occurrence { id, promise } => Some((at.before.schedule(id)?, promise)),
        _ => None,
    }
}

fn not_early(at: &Transition, cases: &mut Cases) {
    for (before, after) in at.schedules() {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let due = occurrence(at).is_some_and(|(schedule, promise)| {
            *schedule == **before
                && schedule.record.next_run_at <= at.now
                && schedule.next_promise() == *promise
        });
        cases.check(due, || format!("at {}: {before:?} became {after:?}", at.now));
    }
}

fn happens_once(at: &Transition, cases: &mut Cases) {
    let Some((schedule, promise)) = occurrence(at) else { return };
    let was = &schedule.record;
    if was.next_run_at > at.now || schedule.next_promise() != *promise {
        return;
    }
    let is = at.after.schedule(&was.id).map(|after| &after.record);
    let moved = is.is_some_and(|is| {
        is.last_run_at == Some(was.next_run_at) && is.next_run_at > was.next_run_at
    });
    // At the end of time there is no next one.
    cases.check(moved || was.next_run_at == i64::MAX, || format!("{was:?} became {is:?}"));
}

fn leaves_its_promise(at: &Transition, cases: &mut Cases) {
    let Some((_, promise)) = occurrence(at) else { return };
    if !at.outcome.effects.is_empty() {
        cases.check(at.after.promise(promise).is_some(), || format!("{promise} is not there"));
    }
}

fn promise_as_scheduled(at: &Transition, cases: &mut Cases) {
    let Some((schedule, id)) = occurrence(at) else { return };
    let said = &schedule.record;
    for promise in at.born_promises() {
        let is = &promise.record;
        let mut tags = Tags::clone(&said.promise_tags);
        tags.insert(tag::SCHEDULE, &said.id);
        for name in [tag::ORIGIN, tag::BRANCH, tag::PARENT, tag::PREFIX] {
            tags.insert(name, id);
        }
        let fine = is.id == *id
            && is.created_at == said.next_run_at
            && is.timeout_at == said.next_run_at.saturating_add(said.promise_timeout)
            && is.param == said.promise_param
            && *is.tags == tags
            && is.is_pending() == is_live(is, at.now);
        cases.check(fine, || format!("{said:?} created {is:?}"));
    }
}
