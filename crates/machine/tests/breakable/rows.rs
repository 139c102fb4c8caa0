//! Changes to what a record holds.

use std::{collections::BTreeSet, sync::Arc};

use abide_machine::{Phase, Promise, Row, Schedule, Task, Unblock, testing::Model};
use abide_protocol::{Id, Millis, PromiseRecord, PromiseState, ScheduleRecord, Tags, Value, tag};

use crate::chance::Chance;

/// Changes one thing of a record.
pub(crate) fn change(row: &mut Row, model: &Model, chance: &mut Chance) {
    match row {
        Row::Promise(promise) => {
            let mut changed = Promise::clone(promise);
            of_promise(&mut changed, model, chance);
            *promise = Arc::new(changed);
        }
        Row::Task(task) => {
            let mut changed = Task::clone(task);
            of_task(&mut changed, model, chance);
            *task = Arc::new(changed);
        }
        Row::Schedule(schedule) => {
            let mut record = ScheduleRecord::clone(&schedule.record);
            of_schedule(&mut record, model, chance);
            *schedule = Arc::new(Schedule { record: Arc::new(record) });
        }
        Row::Unblock(message) => {
            let mut changed = Unblock::clone(message);
            match chance.below(2) {
                0 => changed.address = address(chance),
                _ => changed.promise = id(model, chance),
            }
            *message = Arc::new(changed);
        }
    }
}

/// A time that is near.
pub(crate) fn time(model: &Model, chance: &mut Chance) -> Millis {
    let now = model.now();
    [0, -1, now, now - 1, now + 1, now + 100, now + 400, Millis::MAX][chance.below(8)]
}

/// An id that is there, as a rule.
pub(crate) fn id(model: &Model, chance: &mut Chance) -> Id {
    let there: Vec<Id> = model.promises().map(|promise| promise.record.id.clone()).collect();
    match chance.one(there.iter()) {
        Some(id) if chance.below(8) > 0 => id,
        _ => ["a", "b:1", "zz", "zz.1"][chance.below(4)].into(),
    }
}

pub(crate) fn address(chance: &mut Chance) -> Arc<str> {
    ["poll://any@w", "poll://uni@w/1", "http://worker/", "nowhere"][chance.below(4)].into()
}

fn of_promise(promise: &mut Promise, model: &Model, chance: &mut Chance) {
    match chance.below(12) {
        0 => drop(promise.awaiters.insert(id(model, chance))),
        1 => promise.awaiters = BTreeSet::new(),
        2 => drop(promise.listeners.insert(address(chance))),
        3 => promise.listeners = BTreeSet::new(),
        4 => drop(promise.unheard.insert(address(chance))),
        5 => promise.unheard = BTreeSet::new(),
        6 => promise.cascading = !promise.cascading,
        7 => drop(promise.awaiters.insert(promise.record.id.clone())),
        _ => {
            let mut record = PromiseRecord::clone(&promise.record);
            of_record(&mut record, model, chance);
            promise.record = Arc::new(record);
        }
    }
}

fn of_record(record: &mut PromiseRecord, model: &Model, chance: &mut Chance) {
    use PromiseState::{Pending, Rejected, RejectedCanceled, RejectedTimedout, Resolved};
    let states = [Pending, Resolved, Rejected, RejectedCanceled, RejectedTimedout];
    match chance.below(8) {
        0 => record.state = states[chance.below(5)],
        1 => {
            record.state = states[1 + chance.below(4)];
            record.settled_at = Some(time(model, chance));
        }
        2 => {
            record.state = states[1 + chance.below(4)];
            record.settled_at = Some(record.timeout_at);
        }
        3 => record.value = Arc::new(Value::of("other")),
        4 => record.created_at = time(model, chance),
        5 => record.timeout_at = time(model, chance),
        6 => record.settled_at = None,
        _ => {
            let mut tags = Tags::clone(&record.tags);
            let name = [tag::TARGET, tag::TIMER, tag::ORIGIN, tag::DELAY, tag::OWNER];
            let value = ["nowhere", "true", "z", "poll://any@other"][chance.below(4)];
            tags.insert(name[chance.below(5)], value);
            record.tags = Arc::new(tags);
        }
    }
}

fn of_task(task: &mut Task, model: &Model, chance: &mut Chance) {
    match chance.below(8) {
        0 => task.version += 1,
        1 => task.version -= 1,
        2 => task.resumes += 1,
        3 => task.resumed.push(id(model, chance)),
        4 => {
            task.resumes = 0;
            task.resumed.clear();
        }
        5 => task.address = address(chance),
        _ => task.phase = phase(&task.phase, model, chance),
    }
}

fn phase(was: &Phase, model: &Model, chance: &mut Chance) -> Phase {
    let due = time(model, chance);
    match (was, chance.below(7)) {
        (Phase::Acquired { pid, ttl, .. }, 0) => {
            Phase::Acquired { pid: pid.clone(), ttl: *ttl, expires: due }
        }
        (Phase::Acquired { ttl, expires, .. }, 1) => {
            Phase::Acquired { pid: "r".into(), ttl: *ttl, expires: *expires }
        }
        (_, 0) => Phase::Pending { due, offered: false },
        (_, 1 | 2) => Phase::Pending { due, offered: true },
        (_, 3) => {
            let (pid, ttl) = (["", "p", "q"][chance.below(3)].into(), chance.below(3) as Millis);
            Phase::Acquired { pid, ttl, expires: due }
        }
        (_, 4) => Phase::Suspended,
        (_, 5) => Phase::Halted,
        _ => Phase::Fulfilled,
    }
}

fn of_schedule(record: &mut ScheduleRecord, model: &Model, chance: &mut Chance) {
    match chance.below(6) {
        0 => record.next_run_at = time(model, chance),
        1 => record.last_run_at = Some(time(model, chance)),
        2 => record.created_at = time(model, chance),
        3 => record.promise_timeout += 1,
        4 => record.promise_tags = Arc::default(),
        _ => record.cron = "nonsense".into(),
    }
}
