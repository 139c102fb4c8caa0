//! A property over steps that never happen proves nothing. This counts what the generator reaches,
//! with fixed numbers, so that it is the same on every run.

use std::collections::BTreeMap;

use abide_machine::{
    Config, Internal, Outcome, Step, View, is_live,
    testing::{Choices, Model, choose},
};
use abide_protocol::{Id, Request};

/// How often each of these has to happen at least.
const OFTEN: usize = 1;

const WANTED: &[&str] = &[
    "promise.get 200",
    "promise.get 404",
    "promise.create 200",
    "promise.settle 200",
    "promise.settle 404",
    "promise.register_callback 200",
    "promise.register_callback 400",
    "promise.register_callback 404",
    "promise.register_callback 422",
    "promise.register_listener 200",
    "promise.register_listener 404",
    "task.get 200",
    "task.get 404",
    "task.create 200",
    "task.create 409",
    "task.create 422",
    "task.acquire 200",
    "task.acquire 404",
    "task.acquire 409",
    "task.fence 200",
    "task.fence 400",
    "task.fence 404",
    "task.fence 409",
    "task.heartbeat 200",
    "task.suspend 200",
    "task.suspend 300",
    "task.suspend 400",
    "task.suspend 404",
    "task.suspend 409",
    "task.suspend 422",
    "task.fulfill 200",
    "task.fulfill 404",
    "task.fulfill 409",
    "task.release 200",
    "task.release 404",
    "task.release 409",
    "task.halt 200",
    "task.halt 404",
    "task.halt 409",
    "task.continue 200",
    "task.continue 404",
    "task.continue 409",
    "schedule.get 200",
    "schedule.get 404",
    "schedule.create 200",
    "schedule.create 400",
    "schedule.delete 200",
    "schedule.delete 404",
    "suspended with something resumed meanwhile",
    "went on with something resumed meanwhile",
    "a heartbeat extends a lease",
    "deadline fires",
    "deadline does nothing",
    "listener fires",
    "listener does nothing",
    "lease fires",
    "lease does nothing",
    "dispatch fires",
    "dispatch does nothing",
    "dispatch of a delayed task",
    "offer fires",
    "offer does nothing",
    "occurrence fires",
    "occurrence does nothing",
    "occurrence finds its promise there",
    "delivered fires",
    "delivered does nothing",
    "promise.search 200",
    "promise.search 400",
    "task.search 200",
    "schedule.search 200",
    "again 200",
    "again 300",
    "woken by something",
    "woken by nothing",
    "task.reclaim 200",
    "task.reclaim 400",
    "task.reclaim 404",
    "task.reclaim 409",
    "reclaimed 0",
    "reclaimed 1",
    "reclaimed 2",
    "reclaimed 3",
    "cancel fires",
    "cancel does nothing",
    "cancel of a task that is pending",
    "cancel of a task that is acquired",
    "cancel of a task that is suspended",
    "cancel of what its deadline has settled",
    "cascade fires",
    "callback does nothing",
    "callback settles the awaited, which has a task",
    "callback to pending",
    "callback to acquired",
    "callback to suspended",
    "callback to halted",
    "callback to fulfilled",
    "callback to suspended past its deadline",
    "callback to acquired past its deadline",
];

#[test]
fn the_generator_reaches_every_corner() {
    let mut counts = BTreeMap::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..500 {
        let mut model =
            Model::new(Config { retry_interval: 100, preload_limit: 2, ..Config::default() });
        for _ in 0..50 {
            let numbers = [(); 16].map(|()| next(&mut state));
            let (span, step) = choose(&model, &mut Choices::new(&numbers));
            let now = model.now().saturating_add(span);
            let before = model.clone();
            let outcome = match &step {
                Step::Request(request) => model.request(request, now),
                Step::Internal(_) | Step::Reclaim(_) => model.take(&step, now),
            };
            for label in labels(&before, &step, now, &outcome) {
                *counts.entry(label).or_insert(0) += 1;
            }
        }
    }
    let rare: Vec<_> = WANTED
        .iter()
        .map(|wanted| (*wanted, counts.get(*wanted).copied().unwrap_or(0)))
        .filter(|(_, count)| *count < OFTEN)
        .collect();
    assert!(rare.is_empty(), "too rare: {rare:#?}\nall: {counts:#?}");
}

/// Marsaglia's xorshift.
fn next(state: &mut u64) -> u16 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 40) as u16
}

fn labels(before: &Model, step: &Step, now: i64, outcome: &Outcome) -> Vec<String> {
    match step {
        Step::Request(request) => of_request(before, request, outcome),
        Step::Reclaim(_) => unreachable!("the generator makes requests"),
        Step::Internal(internal) => of_internal(before, internal, now, outcome),
    }
}

fn of_request(before: &Model, request: &Request, outcome: &Outcome) -> Vec<String> {
    let status = outcome.response.as_ref().unwrap().status.code();
    let mut labels = vec![format!("{} {status}", request.kind())];
    match request {
        Request::TaskSuspend(data) if before.task(&data.id).is_some_and(|it| it.resumes > 0) => {
            match status {
                200 => labels.push("suspended with something resumed meanwhile".into()),
                300 => labels.push("went on with something resumed meanwhile".into()),
                _ => {}
            }
        }
        Request::TaskSuspend(data) if data.again => labels.push(format!("again {status}")),
        Request::TaskAcquire(data) if data.resumed && status == 200 => {
            let told = outcome.response.as_ref().map_or(0, |response| response.preload().len());
            labels.push(if told > 0 { "woken by something" } else { "woken by nothing" }.into());
        }
        Request::TaskReclaim(_) if status == 200 => {
            let gone = outcome.effects.len();
            labels.push(format!("reclaimed {}", gone.min(3)));
        }
        Request::TaskHeartbeat(_) if !outcome.effects.is_empty() => {
            labels.push("a heartbeat extends a lease".into());
        }
        _ => {}
    }
    labels
}

fn of_internal(before: &Model, internal: &Internal, now: i64, outcome: &Outcome) -> Vec<String> {
    let fired = if outcome.effects.is_empty() { "does nothing" } else { "fires" };
    let plain = |name: &str| vec![format!("{name} {fired}")];
    match internal {
        Internal::Deadline { .. } => plain("deadline"),
        Internal::Listener { .. } => plain("listener"),
        Internal::Lease { .. } => plain("lease"),
        Internal::Offer { .. } => plain("offer"),
        Internal::Delivered(unblock) => {
            let stored = before.state().has_message(&unblock.address, &unblock.promise);
            vec![format!("delivered {}", if stored { "fires" } else { "does nothing" })]
        }
        Internal::Cascade { .. } => plain("cascade"),
        Internal::Cancel { id, .. } => {
            let mut labels = plain("cancel");
            let state = before.task(id).map(|task| task.state().as_str());
            if let Some(state) = state.filter(|_| fired == "fires") {
                labels.push(format!("cancel of a task that is {state}"));
            }
            let overdue = |it: &abide_machine::Promise| !is_live(&it.record, now);
            if fired == "fires" && before.promise(id).is_some_and(|it| overdue(it)) {
                labels.push("cancel of what its deadline has settled".into());
            }
            labels
        }
        Internal::Dispatch { id } => {
            let mut labels = plain("dispatch");
            let delayed = before.task(id).is_some_and(|task| {
                matches!(task.phase, abide_machine::Phase::Pending { offered: false, .. })
            });
            if delayed && fired == "fires" {
                labels.push("dispatch of a delayed task".into());
            }
            labels
        }
        Internal::Occurrence { promise, .. } => {
            let mut labels = plain("occurrence");
            if fired == "fires" && before.promise(promise).is_some() {
                labels.push("occurrence finds its promise there".into());
            }
            labels
        }
        Internal::Callback { .. } if fired == "does nothing" => plain("callback"),
        Internal::Callback { awaited, awaiter } => of_callback(before, awaited, awaiter, now),
    }
}

fn of_callback(before: &Model, awaited: &Id, awaiter: &Id, now: i64) -> Vec<String> {
    let state = before.task(awaiter).unwrap().state().as_str();
    let record = &before.promise(awaiter).unwrap().record;
    let dead = if record.is_pending() && !is_live(record, now) { " past its deadline" } else { "" };
    let mut labels = vec![format!("callback to {state}{dead}")];
    if before.promise(awaited).unwrap().record.is_pending() && before.task(awaited).is_some() {
        labels.push("callback settles the awaited, which has a task".into());
    }
    labels
}
