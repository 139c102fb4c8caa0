//! The siblings of what is created are fetched with it, and the next ones are not looked for.

mod support;

use abide_engine::{Limits, Output, Range};
use abide_machine::Config;
use abide_protocol::{Body, PromiseState, Status};
use support::{World, requests::*};

/// Enough steps that some leave memory while others are created.
const STEPS: usize = 12;

/// A held task with so many settled steps, and nothing in memory.
fn cold(limits: Limits, steps: usize) -> World {
    let mut world = World::with(Config::default(), limits);
    world.call(task_create("r", "p1", 1_000_000));
    for step in 1..=steps {
        let id = format!("r:{step}");
        assert_eq!(world.call(fence_create("r", 1, &id)).status, Status::Ok);
        assert_eq!(world.call(fence_settle("r", 1, &id)).status, Status::Ok);
    }
    world.crash();
    world.finish();
    world
}

fn state(world: &mut World, id: &str) -> PromiseState {
    let answer = world.call(get(id));
    answer.promise().unwrap_or_else(|| panic!("{id} is there: {answer:?}")).state
}

/// What has been asked of the store is the siblings.
fn is_asked(world: &World) -> bool {
    matches!(&world.reads[..], [Output::Scan { range: Range::Promises(prefix), .. }] if &**prefix == "r:")
}

#[test]
fn from_the_third_one_on_none_is_looked_for() {
    for steps in [0, 3] {
        let mut world = cold(Limits::default(), steps);
        world.call(create("r:7"));
        world.ask(create("r:8"));
        assert!(is_asked(&world), "{:?}", world.reads);
        world.finish();
        for create in
            [create("r:9"), fence_create("r", 1, "r:x"), branched_task("r:y", "r", WORKERS)]
        {
            world.ask(task("r"));
            world.finish();
            let ticket = world.ask(create);
            assert!(world.reads.is_empty(), "{:?}", world.reads);
            world.finish();
            assert_eq!(world.answer(ticket).status, Status::Ok);
        }
        // What is in the store has come along, and who asks for what is nowhere learns that.
        world.ask(get("r:1"));
        world.ask(get("r:z"));
        assert!(world.reads.is_empty());
        world.finish();
        let there = if steps > 0 { PromiseState::Resolved } else { PromiseState::Pending };
        assert_eq!(world.call(create("r:1")).promise().map(|it| it.state), Some(there));
        assert_eq!(world.call(get("r:z")).status, Status::NotFound);
    }
}

/// An execution that is begun asks for its promise and its calls at once, and then for none of them.
#[test]
fn the_calls_of_what_is_begun_are_fetched_with_it() {
    for there in [false, true] {
        let mut world = World::new();
        if there {
            // By somebody else: the execution finds it.
            world.call(create("r:2"));
            world.call(settle("r:2"));
        }
        world.crash();
        world.finish();
        world.ask(task_create("r", "p1", 1_000_000));
        assert!(matches!(&world.reads[..], [Output::Load { .. }, Output::Scan { .. }]));
        world.finish();
        for step in 1..=3 {
            let ticket = world.ask(fence_create("r", 1, &format!("r:{step}")));
            assert!(world.reads.is_empty(), "{:?}", world.reads);
            world.finish();
            let answer = world.answer(ticket);
            let found = answer.promise().map(|it| it.state);
            let expected = match there && step == 2 {
                true => PromiseState::Resolved,
                false => PromiseState::Pending,
            };
            assert_eq!(found, Some(expected), "{step}");
        }
    }
}

#[test]
fn where_they_are_too_many_each_is_looked_for() {
    let limits = Limits { siblings: 2, ..Limits::default() };
    let mut world = cold(limits, 3);
    world.call(create("r:7"));
    world.ask(create("r:3"));
    assert!(is_asked(&world));
    world.finish();
    for id in ["r:1", "r:2", "r:3"] {
        let ticket = world.ask(create(id));
        world.finish();
        let answer = world.answer(ticket);
        assert_eq!(answer.promise().map(|it| it.state), Some(PromiseState::Resolved), "{id}");
    }
}

#[test]
fn one_that_has_left_memory_is_found_again() {
    for cache_bytes in [0, 500, 1_000, 1_500, 2_000] {
        let mut world = cold(Limits { cache_bytes, ..Limits::default() }, 3);
        for step in 4..=STEPS {
            let id = format!("r:{step}");
            world.call(fence_create("r", 1, &id));
            world.call(fence_settle("r", 1, &id));
        }
        for step in 1..=STEPS {
            let id = format!("r:{step}");
            let again = world.call(fence_create("r", 1, &id));
            let settled = again.promise().map(|it| it.state);
            assert_eq!(settled, Some(PromiseState::Resolved), "{id} with {cache_bytes}");
        }
    }
}

/// What happens between the look of the store and its being told is newer than it.
#[test]
fn what_is_written_while_they_are_fetched_stays() {
    for late in [false, true] {
        let mut world = cold(Limits::default(), 3);
        for id in ["r", "r:2", "r:5"] {
            world.call(get(id));
        }
        world.call(create("r:7"));
        let waits = world.ask(create("r:8"));
        assert!(is_asked(&world));
        let told = late.then(|| world.begin_read(0));
        // One goes, and one comes, and both are durable before the page is told.
        let gone = world.ask(reclaim("r", 1, &["r:2"]));
        let come = world.ask(create("r:5"));
        while let Some(which) = (0..world.reads.len()).find(|which| *which > 0 || late) {
            world.read(which);
        }
        while !world.commits.is_empty() {
            world.commit();
            while let Some(which) = (0..world.reads.len()).find(|which| *which > 0 || late) {
                world.read(which);
            }
        }
        if let Some(told) = told {
            world.input(told);
        }
        world.finish();
        for ticket in [waits, come] {
            assert_eq!(world.answer(ticket).status, Status::Ok);
        }
        let Body::Reclaimed { reclaimed } = world.answer(gone).body else { panic!("it is done") };
        assert_eq!(reclaimed, 1);
        assert_eq!(world.call(get("r:2")).status, Status::NotFound);
        assert_eq!(state(&mut world, "r:5"), PromiseState::Pending);
        assert_eq!(state(&mut world, "r:1"), PromiseState::Resolved);
        assert_eq!(state(&mut world, "r:8"), PromiseState::Pending);
    }
}

#[test]
fn a_reset_forgets_them() {
    let mut world = cold(Limits::default(), 3);
    world.call(create("r:7"));
    world.ask(create("r:8"));
    let told = world.begin_read(0);
    let reset = world.ask(abide_protocol::Request::DebugReset);
    world.finish();
    world.input(told);
    world.finish();
    assert_eq!(world.answer(reset).status, Status::Ok);
    assert_eq!(world.call(get("r:1")).status, Status::NotFound);
    assert_eq!(world.call(create("r:1")).promise().map(|it| it.state), Some(PromiseState::Pending));
}
