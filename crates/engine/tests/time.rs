//! Nobody is told that a deadline has passed before the store knows that it is so late: the system's
//! clock may go back, and the next shard begins at the time that the store knows.

mod support;

use abide_machine::Row;
use abide_protocol::{Body, PromiseState, Request};
use support::{
    World,
    requests::{get, promise, search, search_tasks, settle, task},
};

const DEADLINE: i64 = 2_000;
const LATER: i64 = 3_000;

/// A promise, and one with a task, whose deadline passes without anybody noticing.
fn late() -> World {
    let mut world = World::new();
    world.call(Request::PromiseCreate(promise("a", DEADLINE, &[])));
    let target = [("resonate:target", "poll://any@nobody"), ("resonate:delay", "1999")];
    world.call(Request::PromiseCreate(promise("b", DEADLINE, &target)));
    world.now = LATER;
    world
}

#[test]
fn what_rests_on_the_time_is_told_when_the_store_knows_the_time() {
    let requests = [
        get("a"),
        settle("a"),
        task("b"),
        search(Some(PromiseState::RejectedTimedout), 10, None),
        search_tasks(None, 10, None),
    ];
    for request in requests {
        let mut world = late();
        let kind = request.kind();
        let ticket = world.ask(request.clone());
        while !world.reads.is_empty() {
            world.read(0);
        }
        assert!(world.replies.is_empty(), "{kind:?} was answered at once");
        while !world.commits.is_empty() {
            assert_eq!(world.commits[0].clock, LATER, "{kind:?}");
            world.commit();
        }
        world.answer(ticket);
        world.finish();
        // Once is enough.
        let ticket = world.ask(request);
        while !world.reads.is_empty() {
            world.read(0);
        }
        assert!(world.commits.is_empty(), "{kind:?}");
        world.answer(ticket);
    }
}

#[test]
fn only_the_time_is_written() {
    let mut world = World::new();
    world.call(Request::PromiseCreate(promise("a", DEADLINE, &[])));
    world.now = LATER;
    let ticket = world.ask(get("a"));
    let commit = world.commits.front().expect("the time is written").clone();
    assert!(commit.rows.is_empty() && commit.put.is_empty() && commit.delete.is_empty());
    world.commit();
    let Body::Promise { promise } = world.answer(ticket).body else { panic!("it is a promise") };
    assert_eq!(promise.state, PromiseState::RejectedTimedout);
    let stored = world.disk.rows.values().any(|row| match row {
        Row::Promise(promise) => promise.record.is_pending(),
        _ => false,
    });
    assert!(stored, "the promise is as it was");
}

#[test]
fn what_is_in_time_is_told_at_once() {
    let mut world = World::new();
    world.call(Request::PromiseCreate(promise("a", LATER, &[])));
    world.now = DEADLINE;
    let ticket = world.ask(get("a"));
    assert!(world.commits.is_empty());
    world.answer(ticket);
}
