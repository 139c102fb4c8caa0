//! Changes to what a step was, and to what it came to.

use std::sync::Arc;

use abide_machine::{
    Effect, Internal, Key, Outcome, Promise, Row, Step, Unblock,
    testing::{Model, Taken},
};
use abide_protocol::{Body, PromiseRecord, Response, ScheduleRecord, Status};

use crate::{
    chance::Chance,
    rows::{self, address, id, time},
};

/// Changes one thing about a step.
pub(crate) fn change(before: &Model, taken: &mut Taken, chance: &mut Chance) {
    match chance.below(16) {
        0 => taken.now = time(before, chance),
        1 => unread(taken, chance),
        2 => taken.step = Step::Internal(another(before, chance)),
        3 => taken.outcome.effects.clear(),
        4 => answer(&mut taken.outcome, chance),
        5 => told(&mut taken.outcome, before, chance),
        6 | 7 => lose(&mut taken.outcome, chance),
        8..=10 => add(before, taken, chance),
        _ => alter(before, &mut taken.outcome, chance),
    }
}

/// The step, but it changes nothing.
pub(crate) fn without_effects(taken: &Taken) -> Taken {
    let outcome = Outcome { effects: Vec::new(), ..taken.outcome.clone() };
    Taken { outcome, ..taken.clone() }
}

/// The step, but it is granted.
pub(crate) fn granted(taken: &Taken) -> Taken {
    let mut taken = taken.clone();
    if let Some(response) = &mut taken.outcome.response {
        response.status = Status::Ok;
    }
    taken
}

/// The step, but it ends every cascade there is.
pub(crate) fn without_cascades(before: &Model, taken: &Taken) -> Taken {
    let mut taken = taken.clone();
    for promise in before.promises().filter(|promise| promise.cascading) {
        let promise = Promise { cascading: false, ..Promise::clone(promise) };
        taken.outcome.effects.push(Effect::Put(Row::Promise(Arc::new(promise))));
    }
    taken
}

/// It has read something else.
fn unread(taken: &mut Taken, chance: &mut Chance) {
    let keys: Vec<Key> = taken.read.keys().cloned().collect();
    match chance.one(keys.iter()) {
        Some(key) => drop(taken.read.insert(key, None)),
        None => drop(taken.read.insert(Key::Promise("zz".into()), None)),
    }
}

/// It was another step that came to this.
fn another(before: &Model, chance: &mut Chance) -> Internal {
    let (id, other) = (id(before, chance), rows::id(before, chance));
    match chance.below(9) {
        0 => Internal::Deadline { id },
        1 => Internal::Callback { awaited: id, awaiter: other },
        2 => Internal::Listener { id, address: address(chance) },
        3 => Internal::Lease { id },
        4 => Internal::Dispatch { id },
        5 => Internal::Offer { id },
        6 => Internal::Cancel { owner: id, id: other },
        7 => Internal::Cascade { id },
        _ => Internal::Delivered(Unblock { address: address(chance), promise: id }),
    }
}

fn answer(outcome: &mut Outcome, chance: &mut Chance) {
    let Some(response) = &mut outcome.response else {
        outcome.response = Some(Response::ok(Body::Empty {}));
        return;
    };
    let statuses = [
        Status::Ok,
        Status::Redirect,
        Status::BadRequest,
        Status::NotFound,
        Status::Conflict,
        Status::Unprocessable,
    ];
    match chance.below(3) {
        0 => response.status = statuses[chance.below(6)],
        1 => {
            outcome.response = None;
        }
        _ => body(&mut response.body),
    }
}

/// It tells of something that is not so.
fn body(body: &mut Body) {
    match body {
        Body::Promise { promise } | Body::Claim { promise, .. } => {
            let created_at = promise.created_at - 1;
            *promise = Arc::new(PromiseRecord { created_at, ..PromiseRecord::clone(promise) });
        }
        Body::Task { task } => task.version += 1,
        Body::Schedule { schedule } => {
            let next_run_at = schedule.next_run_at + 1;
            *schedule = Arc::new(ScheduleRecord { next_run_at, ..ScheduleRecord::clone(schedule) });
        }
        Body::Reclaimed { reclaimed } => *reclaimed += 1,
        _ => *body = Body::Error("something else".into()),
    }
}

fn told(outcome: &mut Outcome, before: &Model, chance: &mut Chance) {
    outcome.told = match chance.below(3) {
        0 => None,
        1 => Some(Vec::new()),
        _ => Some(vec![id(before, chance)]),
    };
}

fn lose(outcome: &mut Outcome, chance: &mut Chance) {
    if !outcome.effects.is_empty() {
        outcome.effects.remove(chance.below(outcome.effects.len()));
    }
}

/// A change that was not asked for.
fn add(before: &Model, taken: &mut Taken, chance: &mut Chance) {
    let mut there: Vec<Row> = taken.read.values().flatten().cloned().collect();
    if there.is_empty() || chance.below(2) == 0 {
        there = before.rows().values().cloned().collect();
    }
    let outcome = &mut taken.outcome;
    let some = chance.one(there.iter());
    match (chance.below(5), some) {
        (0, Some(row)) => outcome.effects.push(Effect::Delete(row.key())),
        (1 | 2, Some(mut row)) => {
            rows::change(&mut row, before, chance);
            outcome.effects.push(Effect::Put(row));
        }
        (3, _) => {
            let unblock = Unblock { address: address(chance), promise: id(before, chance) };
            outcome.effects.push(Effect::Put(Row::Unblock(Arc::new(unblock))));
        }
        _ => {
            let again = chance.one(outcome.effects.iter());
            let execute =
                Effect::Execute { address: address(chance), id: id(before, chance), version: 1 };
            outcome.effects.push(again.filter(|_| chance.below(2) == 0).unwrap_or(execute));
        }
    }
}

/// One of the changes is another.
fn alter(before: &Model, outcome: &mut Outcome, chance: &mut Chance) {
    if outcome.effects.is_empty() {
        return;
    }
    let which = chance.below(outcome.effects.len());
    match &mut outcome.effects[which] {
        Effect::Put(row) => rows::change(row, before, chance),
        Effect::Delete(key) => {
            let other = Key::Promise(id(before, chance));
            *key = other;
        }
        Effect::Execute { address: to, id: of, version } => match chance.below(3) {
            0 => *to = address(chance),
            1 => *of = id(before, chance),
            _ => *version += 1,
        },
    }
}
