//! What is created is mostly not there: its promise is looked for, and its task only if that is.

mod support;

use abide_engine::{Output, Range};
use abide_machine::Key;
use abide_protocol::{Body, Request, Status, TaskState};
use support::{World, requests::*};

/// The keys of the only read that is asked for, unless it is of siblings, for which nobody waits.
fn asked(world: &World) -> &[Key] {
    let is_ahead = |read: &&Output| matches!(read, Output::Scan { range: Range::Promises(_), .. });
    let reads: Vec<_> = world.reads.iter().filter(|read| !is_ahead(read)).collect();
    match &reads[..] {
        [Output::Load { keys, .. }] => keys,
        other => panic!("{other:?}"),
    }
}

fn promise(id: &str) -> Key {
    Key::Promise(id.into())
}

fn task_of(id: &str) -> Key {
    Key::Task(id.into())
}

/// A held task, and nothing else in memory.
fn cold() -> World {
    let mut world = World::new();
    world.call(task_create("r", "p1", 1_000_000));
    world.call(branched_task("r:1", "r", WORKERS));
    world.crash();
    world.finish();
    world.call(task("r"));
    world
}

#[test]
fn a_promise_that_is_not_there_has_no_task_to_be_looked_for() {
    for create in [create("r:2"), fence_create("r", 1, "r:2"), branched_task("r:2", "r", WORKERS)] {
        let mut world = cold();
        let ticket = world.ask(create);
        assert_eq!(asked(&world), [promise("r:2")]);
        world.read(0);
        assert!(world.reads.is_empty());
        world.finish();
        assert_eq!(world.answer(ticket).status, Status::Ok);
        world.ask(task("r:2"));
        assert!(world.reads.is_empty(), "it is known whether there is a task");
    }
}

#[test]
fn a_task_that_is_there_is_found_all_the_same() {
    let mut world = cold();
    let ticket = world.ask(task_create("r:1", "p2", 1_000));
    assert_eq!(asked(&world), [promise("r:1")]);
    world.read(0);
    assert_eq!(asked(&world), [task_of("r:1")]);
    world.finish();
    let answer = world.answer(ticket);
    let Body::Claim { task, .. } = &answer.body else { panic!("{answer:?}") };
    assert_eq!((task.state, task.version), (TaskState::Acquired, 1));
}

/// Others that wait for the same rows get what is there, whichever read is answered first.
#[test]
fn several_look_for_the_same_rows_at_once() {
    let others: [fn(&str) -> Request; 3] = [task, create, get];
    for (id, found) in [("r:1", true), ("r:2", false)] {
        for (other, last) in others.into_iter().flat_map(|it| [(it, false), (it, true)]) {
            let mut world = cold();
            let requests = [create(id), other(id), branched_task(id, "r", WORKERS), task(id)];
            let tickets = requests.map(|request| world.ask(request));
            while !world.reads.is_empty() {
                let which = if last { world.reads.len() - 1 } else { 0 };
                world.read(which);
            }
            world.finish();
            let answers = tickets.map(|ticket| world.answer(ticket).status);
            assert_eq!([answers[0], answers[2]], [Status::Ok; 2]);
            // Whoever comes first creates it, with a task or without one.
            let there = world.disk.task(&id.into()).is_some();
            assert!(there || !found);
            assert_eq!(world.call(task(id)).status == Status::Ok, there);
        }
    }
}

/// What is asked for at once and reads the same rows is carried out in the order in which it came.
#[test]
fn what_reads_the_same_rows_keeps_its_order() {
    let mut world = cold();
    let requests = [create("r:2"), settle("r:2"), create("r:3"), fence_settle("r", 1, "r:3")];
    let tickets = requests.map(|request| world.ask(request));
    world.finish();
    for ticket in tickets {
        assert_eq!(world.answer(ticket).status, Status::Ok);
    }
    for id in ["r:2", "r:3"] {
        let stored = world.disk.promise(&id.into()).expect("it was created");
        assert!(!stored.record.is_pending(), "{id}");
    }
}
