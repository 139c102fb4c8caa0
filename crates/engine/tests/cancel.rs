//! A canceled promise cancels what it owns, however much and however deep, through any crash.

mod support;

use abide_engine::Limits;
use abide_machine::{Config, Key, Phase, Row, owner};
use abide_protocol::{Extensions, Id, PromiseState};
use support::{World, requests::*, world::member};

fn state(world: &World, id: &str) -> PromiseState {
    world.disk.promise(&Id::from(id)).expect("it is stored").record.state
}

fn pending(world: &World) -> Vec<Id> {
    let promises = world.disk.rows.values().filter_map(|row| match row {
        Row::Promise(promise) if promise.record.is_pending() => Some(promise.record.id.clone()),
        _ => None,
    });
    promises.collect()
}

fn small() -> Limits {
    Limits {
        batch_steps: 16,
        cache_bytes: 0,
        page: 8,
        timers: 8,
        in_flight: 1,
        ..Limits::default()
    }
}

/// A root with children, of which every third has a task and two children of its own.
fn wide(limits: Limits, children: usize) -> World {
    let mut world = World::with(Config::default(), limits);
    world.ask(targeted("r", WORKERS));
    for index in 0..children {
        let id = format!("r:{index}");
        let task = (index % 3 == 0).then_some(WORKERS);
        world.ask(owned(&id, "r", task));
        if task.is_some() {
            world.ask(owned(&format!("{id}.1"), &id, None));
            world.ask(owned(&format!("{id}.2"), &id, Some(WORKERS)));
        }
    }
    world.ask(create("r:detached"));
    world.finish();
    world
}

#[test]
fn thousands_of_children_are_canceled_a_few_at_a_time() {
    let mut world = wide(Limits::default(), 1_500);
    world.ask(cancel("r"));
    let mut steps = 0;
    loop {
        if !world.reads.is_empty() {
            world.read(0);
        } else if let Some(commit) = world.commits.front() {
            // A step writes two rows at most, so a batch is as bounded as ever.
            assert!(commit.rows.len() <= 2 * Limits::default().batch_steps);
            steps += 1;
            world.commit();
        } else {
            break;
        }
    }
    assert!(steps > 1, "it is not one huge commit");
    assert_eq!(pending(&world), [Id::from("r:detached")]);
    for row in world.disk.rows.values() {
        match row {
            Row::Task(task) => assert_eq!(task.phase, Phase::Fulfilled),
            Row::Promise(promise) => assert!(!promise.cascading),
            _ => {}
        }
    }
}

#[test]
fn a_crash_at_any_point_loses_no_cancellation() {
    // How far it gets before the crash: reads and commits, counted together.
    for progress in 0..60 {
        let mut world = wide(small(), 40);
        world.ask(cancel("r"));
        for _ in 0..progress {
            if !world.reads.is_empty() {
                world.read(0);
            } else if !world.commits.is_empty() {
                world.commit();
            }
        }
        let began = world.disk.promise(&Id::from("r")).unwrap().record.state;
        world.crash();
        world.advance(world.now + 1);
        match began {
            PromiseState::Pending => assert!(pending(&world).len() > 40, "nobody was told of it"),
            _ => assert_eq!(pending(&world), [Id::from("r:detached")], "after {progress} steps"),
        }
    }
}

#[test]
fn a_chain_is_canceled_to_its_end_in_either_dialect() {
    for first in [":", "."] {
        let mut world = World::with(Config::default(), small());
        let mut chain = vec!["r".to_owned()];
        world.call(create("r"));
        for depth in 0..100 {
            let above = chain.last().unwrap().clone();
            let separator = if depth == 0 { first } else { "." };
            let id = format!("{above}{separator}{}", depth % 10);
            world.call(owned(&id, &above, None));
            chain.push(id);
        }
        world.call(cancel("r"));
        for id in chain {
            assert_eq!(state(&world, &id), PromiseState::RejectedCanceled, "{id}");
        }
    }
}

#[test]
fn whoever_waits_for_a_canceled_child_hears_of_it() {
    let mut world = World::new();
    let clients = member("clients", "c1");
    world.input(abide_engine::Input::Connected { receiver: clients });
    world.call(create("r"));
    world.call(owned("r:1", "r", Some(WORKERS)));
    world.call(targeted("r:2", WORKERS));
    world.call(acquire("r:2", 0));
    world.call(suspend("r:2", 1, &["r:1"]));
    world.call(listen("r:1", "poll://uni@clients/c1"));
    world.messages();
    world.call(cancel("r"));
    let heard = world.messages();
    assert!(matches!(&*heard, [unblock] if &*unblock.address == "poll://uni@clients/c1"));
    let resumed = world.disk.task(&Id::from("r:2")).unwrap();
    assert!(matches!(resumed.phase, Phase::Pending { .. }));
    assert_eq!(resumed.resumed, [Id::from("r:1")]);
    // Its holder, if there were one, would find out now.
    assert_eq!(world.call(acquire("r:1", 0)).status.code(), 409);
}

#[test]
fn settlement_by_the_task_itself_cancels_too() {
    use abide_protocol::{Request, SettleAction, TaskFulfill};
    let mut world = World::new();
    world.call(task_create("r", "p1", 1_000));
    world.call(owned("r:1", "r", None));
    let Request::PromiseSettle(settle) = cancel("r") else { unreachable!("it is one") };
    let action = SettleAction { corr_id: "1".into(), settle };
    world.call(Request::TaskFulfill(TaskFulfill { id: "r".into(), version: 1, action }));
    assert_eq!(state(&world, "r:1"), PromiseState::RejectedCanceled);
}

#[test]
fn without_the_extension_an_owner_is_an_ordinary_tag() {
    let config = Config { extensions: Extensions::none(), ..Config::default() };
    let mut world = World::with(config, Limits::default());
    world.call(create("r"));
    world.call(owned("r:1", "r", None));
    world.call(cancel("r"));
    world.advance(world.now + 10_000);
    assert_eq!(state(&world, "r:1"), PromiseState::Pending);
    let row = &world.disk.rows[&Key::Promise(Id::from("r:1"))];
    assert!(matches!(row, Row::Promise(it) if owner(&it.record) == Some("r")));
}
