//! Group commit by back-pressure, and nothing released before it is durable.

mod support;

use abide_engine::Limits;
use abide_machine::Config;
use abide_protocol::{Body, Status};
use support::{World, requests::*};

/// A world whose shard knows that these ids are free, so that no reads get in the way.
fn knowing(limits: Limits, ids: impl IntoIterator<Item = String>) -> World {
    let mut world = World::with(Config::default(), limits);
    for id in ids {
        assert_eq!(world.call(get(&id)).status, Status::NotFound);
        assert_eq!(world.call(task(&id)).status, Status::NotFound);
    }
    world
}

fn ids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|index| format!("a{index}"))
}

#[test]
fn what_gathers_while_two_commits_are_under_way_is_the_third() {
    let limits = Limits { in_flight: 2, ..Limits::default() };
    let mut world = knowing(limits, ids(50));
    let tickets: Vec<u64> = ids(50).map(|id| world.ask(create(&id))).collect();
    let sizes: Vec<usize> = world.commits.iter().map(|commit| commit.rows.len()).collect();
    assert_eq!(sizes, [1, 1], "a lonely call does not wait, and no more than two are under way");
    world.commit();
    assert_eq!(world.replies.len(), 1);
    let sizes: Vec<usize> = world.commits.iter().map(|commit| commit.rows.len()).collect();
    assert_eq!(sizes, [1, 48], "the rest goes together");
    world.commit();
    world.commit();
    assert_eq!(world.replies.len(), tickets.len());
    assert_eq!(world.commits.len(), 0);
}

#[test]
fn a_batch_takes_no_more_steps_than_its_limit() {
    let limits = Limits { batch_steps: 10, ..Limits::default() };
    let mut world = knowing(limits, ids(35));
    for id in ids(35) {
        world.ask(create(&id));
    }
    let mut sizes = Vec::new();
    while let Some(commit) = world.commits.front() {
        sizes.push(commit.rows.len());
        world.commit();
    }
    assert_eq!(sizes, [1, 10, 10, 10, 4]);
    assert_eq!(world.replies.len(), 35);
}

#[test]
fn a_batch_takes_no_more_bytes_than_its_limit_allows() {
    let limits = Limits { batch_bytes: 1, ..Limits::default() };
    let mut world = knowing(limits, ids(5));
    for id in ids(5) {
        world.ask(create(&id));
    }
    let mut commits = 0;
    while !world.commits.is_empty() {
        assert_eq!(world.commits[0].rows.len(), 1);
        world.commit();
        commits += 1;
    }
    assert_eq!(commits, 5);
}

#[test]
fn what_fits_goes_in_one_batch() {
    let limits = Limits { batch_bytes: 10_000, in_flight: 1, ..Limits::default() };
    let mut world = knowing(limits, ids(10));
    for id in ids(10) {
        world.ask(create(&id));
    }
    world.commit();
    assert_eq!(world.commits[0].rows.len(), 9);
}

#[test]
fn a_row_is_written_once_a_batch_with_its_last_image() {
    let mut world = knowing(Limits::default(), ["a", "b"].map(String::from));
    world.ask(create("b"));
    world.ask(targeted("a", WORKERS));
    world.ask(acquire("a", 0));
    world.ask(fulfill("a", 1));
    world.commit();
    let commit = world.commits.back().unwrap();
    assert_eq!(commit.rows.len(), 2, "the promise and the task");
    assert!(commit.delete.is_empty());
    assert!(commit.put.is_empty(), "a settled promise arms nothing: {:?}", commit.put);
    world.finish();
    assert_eq!(world.replies.len(), 4);
}

#[test]
fn one_call_too_many_is_answered_429() {
    let limits = Limits { calls: 3, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    let tickets: Vec<u64> = ids(4).map(|id| world.ask(create(&id))).collect();
    assert_eq!(world.answer(tickets[3]).status, Status::TooManyRequests);
    world.finish();
    for ticket in &tickets[..3] {
        assert_eq!(world.answer(*ticket).status, Status::Ok);
    }
    assert_eq!(world.call(create("late")).status, Status::Ok);
}

#[test]
fn calls_that_bring_too_many_bytes_are_answered_429() {
    let limits = Limits { call_bytes: 1_000, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    let large = "x".repeat(10_000);
    let ticket = world.ask(create_with("a", &large));
    let refused = world.ask(create("b"));
    assert_eq!(world.answer(refused).status, Status::TooManyRequests);
    world.finish();
    assert_eq!(world.answer(ticket).status, Status::Ok, "a large one alone is served");
    assert_eq!(world.call(create("b")).status, Status::Ok, "its bytes are given back");
}

#[test]
fn the_bytes_of_what_is_answered_while_others_wait_are_given_back() {
    let limits = Limits { call_bytes: 2_000, ..Limits::default() };
    let mut world = knowing(limits, ids(20));
    // It waits for its rows all the while.
    let waiting = world.ask(get("b"));
    for id in ids(20) {
        let ticket = world.ask(create(&id));
        world.commit();
        assert_eq!(world.answer(ticket).status, Status::Ok, "once its batch was durable");
        let ticket = world.ask(get(&id));
        assert_eq!(world.answer(ticket).status, Status::Ok, "at once");
    }
    world.finish();
    assert_eq!(world.answer(waiting).status, Status::NotFound);
}

#[test]
fn a_malformed_request_is_refused_without_a_look_at_the_store() {
    let mut world = World::new();
    world.finish();
    let ticket = world.ask(create(""));
    assert_eq!(world.answer(ticket).status, Status::BadRequest);
    assert_eq!((world.reads.len(), world.commits.len()), (0, 0));
}

#[test]
fn a_read_of_durable_rows_is_answered_at_once() {
    let mut world = World::new();
    world.call(create("a"));
    world.call(get("b"));
    let writing = world.ask(settle("a"));
    assert!(!world.replies.contains_key(&writing));
    let elsewhere = world.ask(get("b"));
    assert_eq!(world.answer(elsewhere).status, Status::NotFound);
    let there = world.ask(get("a"));
    assert!(!world.replies.contains_key(&there), "what it saw is not durable");
    world.commit();
    let seen = world.answer(there);
    assert_eq!(seen.promise(), world.answer(writing).promise());
    assert!(!seen.promise().unwrap().is_pending());
}

#[test]
fn a_read_sees_what_two_batches_have_done_and_waits_for_the_later_one() {
    let mut world = knowing(Limits::default(), ["a".to_owned()]);
    world.ask(create("a"));
    world.ask(settle("a"));
    let read = world.ask(get("a"));
    world.commit();
    assert!(!world.replies.contains_key(&read));
    world.commit();
    assert!(!world.answer(read).promise().unwrap().is_pending());
}

#[test]
fn calls_on_the_same_missing_row_load_it_once() {
    let mut world = World::new();
    world.finish();
    let tickets = [world.ask(get("a")), world.ask(get("a")), world.ask(create("a"))];
    assert_eq!(world.reads.len(), 2, "one for the promise, one for the task: {:?}", world.reads);
    world.finish();
    let statuses = tickets.map(|ticket| world.answer(ticket).status);
    assert_eq!(statuses, [Status::NotFound, Status::NotFound, Status::Ok]);
}

#[test]
fn a_first_claim_is_told_of_nothing_and_a_later_one_of_its_branch() {
    let mut world = World::new();
    world.call(targeted("a", WORKERS));
    let first = world.call(acquire("a", 0));
    assert_eq!(first.preload(), []);
    world.call(fence_create("a", 1, "a:1"));
    world.call(fence_create("a", 1, "a:2"));
    world.call(fence_settle("a", 1, "a:1"));
    world.call(release("a", 1));
    let again = world.call(acquire("a", 1));
    let told: Vec<(&str, bool)> =
        again.preload().iter().map(|promise| (&*promise.id, promise.is_pending())).collect();
    assert_eq!(told, [("a:1", false), ("a:2", true)]);
    let refused = world.call(suspend("a", 2, &["a:1"]));
    assert_eq!(refused.status, Status::Redirect);
    assert_eq!(refused.preload().len(), 2);
}

#[test]
fn a_claim_tells_of_no_more_than_its_limits_allow() {
    let config = Config { preload_limit: 3, ..Config::default() };
    let limits = Limits { page: 2, ..Limits::default() };
    let mut world = World::with(config, limits);
    world.call(targeted("a", WORKERS));
    world.call(acquire("a", 0));
    for child in 0..5 {
        world.call(fence_create("a", 1, &format!("a:{child}")));
    }
    world.call(release("a", 1));
    assert_eq!(world.call(acquire("a", 1)).preload().len(), 3);
}

#[test]
fn what_is_evicted_is_loaded_again() {
    let limits = Limits { cache_bytes: 2_000, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for id in ids(100) {
        world.call(create(&id));
    }
    world.finish();
    let ticket = world.ask(get("a0"));
    assert_eq!(world.reads.len(), 1, "it cannot be in memory any more");
    world.finish();
    let Body::Promise { promise } = world.answer(ticket).body else { panic!("no promise") };
    assert_eq!(&*promise.id, "a0");
}
