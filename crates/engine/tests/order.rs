//! Calls that take effect one after the other.

mod support;

use abide_engine::{Input, Limits, Output, Shard};
use abide_machine::{Config, Key, Row};
use abide_protocol::{PromiseState, Request, Status};
use support::{World, requests::*};

/// The stored promise, and no task.
fn stored(id: &str) -> Vec<(Key, Option<Row>)> {
    let mut world = World::new();
    world.call(create(id));
    let row = world.disk.rows.get(&Key::Promise(id.into())).cloned();
    vec![(Key::Promise(id.into()), row), (Key::Task(id.into()), None)]
}

fn after(before: u64, ticket: u64, request: Request) -> Input {
    Input::CallAfter { before, ticket, request, debug_time: None }
}

/// What the shard answers when one row after the other comes from the store, and all is durable.
fn answers(inputs: Vec<Input>, rows: Vec<(Key, Option<Row>)>) -> Vec<(u64, Status, PromiseState)> {
    let mut shard = Shard::new(Config::default(), Limits::default(), 1_000);
    inputs.into_iter().for_each(|input| shard.input(input, 1_000));
    let mut answers = Vec::new();
    while let Some(output) = shard.output() {
        match output {
            Output::Load { load, keys } => {
                let found = |key: &Key| rows.iter().find(|(other, _)| other == key).cloned();
                let rows = keys.iter().map(|key| found(key).expect("it is known")).collect();
                shard.input(Input::Loaded { load, rows }, 1_000);
            }
            Output::Commit(commit) => shard.input(Input::Committed { batch: commit.batch }, 1_000),
            Output::Reply { ticket, response } => {
                let state = response.promise().expect("a promise").state;
                answers.push((ticket, response.status, state));
            }
            _ => {}
        }
    }
    answers.sort_by_key(|(ticket, ..)| *ticket);
    answers
}

/// Found by `abide-trials shell --seeds 0..1`: the settlement waits for the task's row, which the
/// read does not need.
#[test]
fn what_follows_does_not_overtake_what_waits_for_more_rows() {
    let first = Input::Call { ticket: 1, request: settle("a"), debug_time: None };
    let settled = |ticket| (ticket, Status::Ok, PromiseState::Resolved);
    let inputs =
        vec![first, after(1, 2, get("a")), after(2, 3, settle("a")), after(3, 4, get("a"))];
    assert_eq!(answers(inputs, stored("a")), [settled(1), settled(2), settled(3), settled(4)]);
}

#[test]
fn nothing_waits_for_what_has_taken_effect() {
    let first = Input::Call { ticket: 7, request: get("a"), debug_time: None };
    let pending = |ticket| (ticket, Status::Ok, PromiseState::Pending);
    assert_eq!(answers(vec![first], stored("a")), [pending(7)]);
    let unknown = vec![after(6, 7, get("a"))];
    assert_eq!(answers(unknown, stored("a")), [pending(7)]);
}
