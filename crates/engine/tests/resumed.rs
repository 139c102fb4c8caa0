//! A worker that keeps an execution in memory is told what has woken it, and nothing else.

mod support;

use abide_engine::Limits;
use abide_machine::{Config, RESUMED_LIMIT};
use abide_protocol::{Body, Id, Response, Status};
use support::{World, requests::*};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("r:{index}")).collect()
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A task that is suspended on so many children.
fn waiting(limits: Limits, children: &[String]) -> World {
    let mut world = World::with(Config::default(), limits);
    world.call(task_create("r", "p1", 1_000_000));
    for child in children {
        world.ask(branched(child, "r"));
    }
    world.finish();
    world.call(suspend("r", 1, &refs(children)));
    world
}

fn told(response: &Response) -> (Vec<&str>, bool) {
    let (Body::Claim { more, .. } | Body::Preload { more, .. }) = &response.body else {
        panic!("{response:?}")
    };
    (response.preload().iter().map(|promise| promise.id.as_str()).collect(), *more)
}

#[test]
fn each_wake_costs_one_record_whatever_waits() {
    let children = names(300);
    let mut world = waiting(Limits::default(), &children);
    for (index, child) in children.iter().enumerate() {
        let version = index as i64 + 1;
        world.call(settle(child));
        let claim = world.call(acquire_warm("r", version));
        assert_eq!(told(&claim), (vec![child.as_str()], false));
        if index + 1 < children.len() {
            let answer = world.call(suspend_again("r", version + 1, &[]));
            assert_eq!(answer.status, Status::Ok);
        }
    }
}

#[test]
fn what_settles_meanwhile_is_told_at_the_next_suspension() {
    let children = names(5);
    let mut world = waiting(Limits::default(), &children);
    world.call(settle("r:3"));
    assert_eq!(told(&world.call(acquire_warm("r", 1))), (vec!["r:3"], false));
    world.call(settle("r:4"));
    world.call(settle("r:0"));
    world.call(create("r:5"));
    let redirected = world.call(suspend_again("r", 2, &["r:5"]));
    assert_eq!(redirected.status, Status::Redirect);
    assert_eq!(told(&redirected), (vec!["r:4", "r:0"], false));
    assert_eq!(world.call(suspend_again("r", 2, &["r:5"])).status, Status::Ok);
    world.call(settle("r:5"));
    assert_eq!(told(&world.call(acquire_warm("r", 2))), (vec!["r:5"], false));
}

#[test]
fn a_cold_worker_is_told_of_the_branch() {
    let children = names(3);
    let mut world = waiting(Limits::default(), &children);
    world.call(settle("r:1"));
    let claim = world.call(acquire("r", 1));
    assert_eq!(told(&claim), (refs(&children), false));
}

#[test]
fn a_burst_is_counted_and_then_asked_for() {
    let children = names(RESUMED_LIMIT + 50);
    let mut world = waiting(Limits::default(), &children);
    for child in &children {
        world.ask(settle(child));
    }
    world.finish();
    let stored = world.disk.task(&Id::from("r")).unwrap();
    assert_eq!(stored.resumed.len(), RESUMED_LIMIT, "a row stays as small as that");
    assert_eq!(stored.resumes, children.len() as u64);
    let claim = world.call(acquire_warm("r", 1));
    let (first, more) = told(&claim);
    assert!(first.len() == RESUMED_LIMIT && more);
    // The rest is awaited in one request, which tells of all that has settled.
    let rest: Vec<&str> =
        refs(&children).into_iter().filter(|child| !first.contains(child)).collect();
    let answer = world.call(suspend_warm("r", 2, &rest));
    assert_eq!(told(&answer), (rest, false));
}

#[test]
fn records_that_are_too_large_are_told_one_by_one() {
    let limits = Limits { preload_bytes: 100, ..Limits::default() };
    let children = names(3);
    let mut world = World::with(Config::default(), limits);
    world.call(task_create("r", "p1", 1_000_000));
    for child in &children {
        world.call(create_with(child, &"x".repeat(1_000)));
    }
    world.call(suspend("r", 1, &refs(&children)));
    children.iter().for_each(|child| drop(world.call(settle(child))));
    assert_eq!(told(&world.call(acquire_warm("r", 1))), (vec!["r:0"], true));
    let answer = world.call(suspend_warm("r", 2, &["r:1", "r:2"]));
    assert_eq!(told(&answer), (vec!["r:1"], true));
}
