//! What a claim is told of, and what is looked at for it.

mod support;

use abide_engine::{Input, Limits, Output, Range};
use abide_machine::Config;
use abide_protocol::{Body, Leased, Request, Response, Status, TaskHeartbeat, TaskState};
use support::{World, requests::*};

fn told(response: &Response) -> (Vec<&str>, bool) {
    let (Body::Claim { more, .. } | Body::Preload { more, .. }) = &response.body else {
        panic!("{response:?}")
    };
    (response.preload().iter().map(|promise| promise.id.as_str()).collect(), *more)
}

/// Has all reads answered: how many of them were pages of what is below `r`, in the newer dialect.
fn branch_pages(world: &mut World) -> usize {
    let mut pages = 0;
    while !world.reads.is_empty() || !world.commits.is_empty() {
        if world.reads.is_empty() {
            world.commit();
            continue;
        }
        let below = |range: &Range| *range == Range::Promises("r:".into());
        let page = matches!(&world.reads[0], Output::Scan { range, .. } if below(range));
        pages += usize::from(page);
        world.read(0);
    }
    pages
}

/// A task that has been released once, with so many promises in its branch.
fn released(config: Config, limits: Limits, children: usize) -> World {
    let mut world = World::with(config, limits);
    world.call(task_create("r", "p1", 1_000_000));
    for child in 0..children {
        world.call(branched(&format!("r:{child}"), "r"));
    }
    world.call(release("r", 1));
    world
}

#[test]
fn no_more_of_a_branch_is_looked_at_than_may_be_told() {
    let limits = Limits { page: 1, ..Limits::default() };
    for (preload_limit, pages) in [(0, 0), (1, 1), (2, 2), (5, 5), (6, 5)] {
        let config = Config { preload_limit, ..Config::default() };
        let mut world = released(config, limits, 5);
        let ticket = world.ask(acquire("r", 1));
        assert_eq!(branch_pages(&mut world), pages, "for {preload_limit}");
        assert_eq!(told(&world.answer(ticket)).0.len(), preload_limit.min(5));
    }
}

/// An execution below has one promise between those of the branch, and any number of calls.
#[test]
fn the_calls_of_an_execution_below_are_passed_over() {
    for (page, pages) in [(1, 5), (2, 3), (3, 2), (256, 1)] {
        let limits = Limits { page, ..Limits::default() };
        let mut world = released(Config::default(), limits, 0);
        for (id, branch) in [("r:0", "r"), ("r:1", "r:1"), ("r:10", "r"), ("r:2", "r")] {
            world.call(branched(id, branch));
        }
        for call in 0..9 {
            world.call(branched(&format!("r:1.{call}"), "r:1"));
        }
        let ticket = world.ask(acquire("r", 1));
        assert_eq!(branch_pages(&mut world), pages, "{page} in a page");
        assert_eq!(told(&world.answer(ticket)).0, ["r:0", "r:10", "r:2"]);
    }
}

#[test]
fn what_lies_between_the_two_dialects_of_an_execution_below_is_told() {
    for page in [1, 2, 3, 256] {
        let limits = Limits { page, ..Limits::default() };
        let mut world = released(Config::default(), limits, 0);
        for id in ["r.1", "r.1.1", "r.1.2", "r.1:1", "r.1:2"] {
            world.call(branched(id, "r.1"));
        }
        for id in ["r.0", "r.1-", "r.10", "r.2", "r:3"] {
            world.call(branched(id, "r"));
        }
        let told = told(&world.call(acquire("r", 1))).0.join(" ");
        assert_eq!(told, "r.0 r.1- r.10 r.2 r:3", "{page} in a page");
    }
}

#[test]
fn no_more_promises_are_looked_at_in_vain_than_may_be() {
    for (preload_missed, pages) in [(0, 0), (1, 1), (2, 1), (3, 2), (100, 3)] {
        let limits = Limits { page: 2, preload_missed, ..Limits::default() };
        let mut world = released(Config::default(), limits, 0);
        for id in ["r:1", "r:2", "r:3", "r:4", "r:5"] {
            world.call(branched_task(id, id, WORKERS));
        }
        world.ask(acquire("r", 1));
        assert_eq!(branch_pages(&mut world), pages, "for {preload_missed}");
    }
}

#[test]
fn a_search_that_finds_something_goes_on() {
    let limits = Limits { preload_missed: 2, ..Limits::default() };
    for (branches, expected) in [
        (["r", "r:1", "r", "r:3", "r", "r:5"], ["r:0", "r:2", "r:4"].as_slice()),
        (["r", "r:1", "r:2", "r:3", "r:4", "r"], &["r:0"]),
        (["r:0", "r:1", "r", "r", "r", "r"], &[]),
    ] {
        let mut world = released(Config::default(), limits, 0);
        for (child, branch) in branches.iter().enumerate() {
            world.call(branched(&format!("r:{child}"), branch));
        }
        assert_eq!(told(&world.call(acquire("r", 1))).0, expected, "of {branches:?}");
    }
}

#[test]
fn what_is_not_below_a_branch_is_not_told() {
    let mut world = released(Config::default(), Limits::default(), 2);
    world.call(branched("q", "r"));
    assert_eq!(told(&world.call(acquire("r", 1))).0, ["r:0", "r:1"]);
}

#[test]
fn nobody_is_told_of_the_promise_it_has_claimed() {
    let mut world = World::new();
    for id in ["r:1", "r:2"] {
        world.call(branched_task(id, "r", WORKERS));
    }
    world.call(acquire("r:1", 0));
    world.call(release("r:1", 1));
    assert_eq!(told(&world.call(acquire("r:1", 1))).0, ["r:2"]);
}

#[test]
fn what_is_left_out_of_what_has_woken_a_task_is_said() {
    let config = Config { preload_limit: 2, ..Config::default() };
    for (settled, more) in [(1, false), (2, false), (3, true), (4, true)] {
        let mut world = World::with(config, Limits::default());
        world.call(task_create("r", "p1", 1_000_000));
        let children: Vec<String> = (0..settled).map(|child| format!("r:{child}")).collect();
        let names: Vec<&str> = children.iter().map(String::as_str).collect();
        names.iter().for_each(|child| drop(world.call(create(child))));
        world.call(suspend("r", 1, &names));
        names.iter().for_each(|child| drop(world.call(settle(child))));
        let claim = world.call(acquire_warm("r", 1));
        assert_eq!(told(&claim), (names[..settled.min(2)].to_vec(), more));
    }
}

#[test]
fn small_records_are_told_together() {
    let limits = Limits { preload_bytes: 5_000, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    world.call(task_create("r", "p1", 1_000_000));
    for child in ["r:1", "r:2", "r:3"] {
        world.call(create_with(child, &"x".repeat(1_000)));
        world.call(settle(child));
    }
    let names = ["r:1", "r:2", "r:3"];
    assert_eq!(told(&world.call(suspend_warm("r", 1, &names))), (names.to_vec(), false));
}

#[test]
fn a_heartbeat_for_one_task_reaches_no_other() {
    let mut world = World::new();
    for id in ["a", "b"] {
        world.call(task_create(id, "p1", 300));
    }
    world.now = 1_200;
    let tasks = vec![Leased { id: "a".into(), version: 1 }];
    world.call(Request::TaskHeartbeat(TaskHeartbeat { pid: "p1".into(), tasks }));
    world.advance(1_400);
    for (id, version) in [("a", 1), ("b", 1)] {
        let held = world.call(release(id, version)).status == Status::Ok;
        assert_eq!(held, id == "a", "{id}");
    }
}

#[test]
fn a_heartbeat_extends_nothing_that_was_let_go_meanwhile() {
    let mut world = World::new();
    world.call(task_create("a", "p1", 300));
    let ticket = world.ask(heartbeat("p1"));
    let held = world.begin_read(0);
    world.call(release("a", 1));
    world.call(acquire_by("a", 1, "p2", 300));
    world.now = 1_200;
    world.input(held);
    world.finish();
    world.answer(ticket);
    world.input(Input::Tick);
    world.advance(1_299);
    assert_eq!(world.call(task("a")).task().unwrap().state, TaskState::Acquired);
    world.advance(1_300);
    assert_eq!(world.call(task("a")).task().unwrap().state, TaskState::Pending);
}
