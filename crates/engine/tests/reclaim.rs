//! What a held task no longer needs is deleted, rows and index, and nothing else is.

mod support;

use abide_engine::{Input, Limits, Output};
use abide_machine::{Config, Key};
use abide_protocol::{Body, Extensions, Id, Response, Status};
use support::{World, requests::*, world::member};

fn held(limits: Limits) -> World {
    let mut world = World::with(Config::default(), limits);
    world.call(task_create("r", "p1", 1_000_000));
    world
}

fn settled(world: &mut World, id: &str) {
    world.call(create(id));
    world.call(settle(id));
}

fn count(response: &Response) -> u64 {
    match response.body {
        Body::Reclaimed { reclaimed } => reclaimed,
        _ => panic!("{response:?}"),
    }
}

#[test]
fn a_tree_leaves_nothing_behind() {
    let mut world = held(Limits::default());
    let before = world.disk.clone();
    world.call(targeted("r:1", WORKERS));
    world.call(acquire("r:1", 0));
    world.call(branched("r:1.1", "r:1"));
    world.call(owned("r:1.2", "r:1", None));
    world.call(settle("r:1.1"));
    world.call(settle("r:1.2"));
    world.call(fulfill("r:1", 1));
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), 3);
    assert_eq!(world.disk, before);
    assert_eq!(world.call(get("r:1")).status, Status::NotFound);
}

#[test]
fn a_tree_larger_than_a_request_goes_in_parts_from_below() {
    let limits = Limits { page: 16, cache_bytes: 0, in_flight: 2, ..Limits::default() };
    let mut world = held(limits);
    settled(&mut world, "r:1");
    for index in 0..2_500 {
        world.ask(create(&format!("r:1.{index}")));
        world.ask(settle(&format!("r:1.{index}")));
    }
    world.finish();
    let ticket = world.ask(reclaim("r", 1, &["r:1"]));
    let mut sizes = Vec::new();
    loop {
        if !world.reads.is_empty() {
            world.read(0);
        } else if let Some(commit) = world.commits.front() {
            sizes.push(commit.rows.len());
            world.commit();
            // Whatever is left at this moment still has its root.
            let left = world
                .disk
                .rows
                .keys()
                .any(|key| matches!(key, Key::Promise(id) if id.extends("r:1")));
            let root = world.disk.promise(&Id::from("r:1")).is_some();
            assert!(root || !left);
        } else {
            break;
        }
    }
    assert_eq!(sizes, [1_000, 1_000, 501]);
    assert_eq!(count(&world.answer(ticket)), 2_501);
    assert_eq!(world.disk.rows.len(), 2, "the root and its task");
}

#[test]
fn what_is_too_much_to_look_through_stays() {
    let limits = Limits { page: 4, examined: 10, ..Limits::default() };
    let mut world = held(limits);
    for id in ["r:1", "r:2", "r:3"] {
        settled(&mut world, id);
    }
    for index in 0..20 {
        settled(&mut world, &format!("r:2.{index}"));
    }
    // r:3 comes after what was too much, so it has to wait for another request.
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1", "r:2", "r:3"]))), 1);
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:3"]))), 1);
    let names: Vec<String> = (0..20).map(|index| format!("r:2.{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(count(&world.call(reclaim("r", 1, &names))), 20);
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:2"]))), 1);
}

#[test]
fn a_message_on_its_way_keeps_its_promise() {
    let mut world = held(Limits::default());
    world.call(create("r:1"));
    world.call(listen("r:1", "poll://uni@clients/c1"));
    world.call(settle("r:1"));
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), 0);
    world.input(Input::Connected { receiver: member("clients", "c1") });
    world.finish();
    let told = world.messages().pop().expect("the listener is told");
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), 0);
    world.report(&told, true);
    world.finish();
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), 1);
}

#[test]
fn a_lost_lease_reclaims_nothing() {
    let mut world = held(Limits::default());
    settled(&mut world, "r:1");
    assert_eq!(world.call(reclaim("r", 2, &["r:1"])).status, Status::Conflict);
    assert_eq!(world.call(reclaim("x", 1, &["x:1"])).status, Status::NotFound);
    world.call(release("r", 1));
    assert_eq!(world.call(reclaim("r", 1, &["r:1"])).status, Status::Conflict);
    assert!(world.disk.promise(&Id::from("r:1")).is_some());
}

#[test]
fn what_is_gone_stays_gone_through_a_crash() {
    for progress in 0..12 {
        let limits = Limits { cache_bytes: 0, page: 2, ..Limits::default() };
        let mut world = held(limits);
        for id in ["r:1", "r:1.1", "r:1.2", "r:2"] {
            settled(&mut world, id);
        }
        let ticket = world.ask(reclaim("r", 1, &["r:1", "r:2"]));
        for _ in 0..progress {
            if !world.reads.is_empty() {
                world.read(0);
            } else if !world.commits.is_empty() {
                world.commit();
            }
        }
        let answered = world.replies.contains_key(&ticket);
        world.crash();
        let left = world.disk.rows.len() - 2;
        assert!(left == 4 && !answered || left == 0, "{left} of it are left");
        let again = count(&world.call(reclaim("r", 1, &["r:1", "r:2"])));
        assert_eq!(again, left as u64);
        assert_eq!(world.disk.rows.len(), 2);
    }
}

#[test]
fn without_the_extension_there_is_no_such_kind() {
    let config = Config { extensions: Extensions::none(), ..Config::default() };
    let mut world = World::with(config, Limits::default());
    let refused = world.call(reclaim("r", 1, &["r:1"]));
    assert_eq!(
        refused,
        Response::error(Status::BadRequest, "the kind \"task.reclaim\" is unknown")
    );
}

#[test]
fn what_is_below_by_either_separator_counts() {
    for child in ["r.a.1", "r.a:1"] {
        let mut world = held(Limits::default());
        settled(&mut world, "r.a");
        world.call(create(child));
        assert_eq!(count(&world.call(reclaim("r", 1, &["r.a"]))), 0, "{child} is pending");
        world.call(settle(child));
        assert_eq!(count(&world.call(reclaim("r", 1, &["r.a"]))), 2, "{child} goes with it");
    }
}

/// Found by exploration: what was created between the look at the tree and its deletion was left
/// behind, below nothing.
#[test]
fn a_tree_that_grows_meanwhile_stays() {
    let mut world = held(Limits::default());
    settled(&mut world, "r:1");
    world.crash();
    let ticket = world.ask(reclaim("r", 1, &["r:1"]));
    let deletes = |read: &Output| matches!(read, Output::Load { keys, .. } if keys.contains(&Key::Task("r".into())));
    while let Some(which) = world.reads.iter().position(|read| !deletes(read)) {
        world.read(which);
    }
    assert_eq!(world.reads.len(), 1, "the deletion waits for a row");
    world.ask(create("r:1.1"));
    world.read(1);
    world.commit();
    world.finish();
    assert_eq!(count(&world.answer(ticket)), 0);
    for id in ["r:1", "r:1.1"] {
        assert!(world.disk.promise(&id.into()).is_some(), "{id}");
    }
    world.call(settle("r:1.1"));
    assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), 2, "it goes once it is done");
}

/// Several promises at once, one deletion after the other.
fn one_by_one() -> Limits {
    Limits { batch_bytes: 1, page: 1, ..Limits::default() }
}

#[test]
fn what_is_much_goes_in_several_batches() {
    let mut world = held(one_by_one());
    for id in ["r:1", "r:1.1", "r:2"] {
        settled(&mut world, id);
    }
    let ticket = world.ask(reclaim("r", 1, &["r:1", "r:2"]));
    let mut sizes = Vec::new();
    while !world.reads.is_empty() || !world.commits.is_empty() {
        if !world.reads.is_empty() {
            world.read(0);
        } else {
            sizes.push(world.commits[0].rows.len());
            world.commit();
        }
    }
    assert_eq!(sizes, [1, 1, 1]);
    assert_eq!(count(&world.answer(ticket)), 3);
}

#[test]
fn a_tree_with_something_pending_in_it_stays_whole() {
    for page in [1, 100] {
        let limits = Limits { page, ..one_by_one() };
        for pending in ["r:1.1", "r:1.2", "r:1.3", "r:1:1", "r:1:2"] {
            let mut world = held(limits);
            settled(&mut world, "r:1");
            for id in ["r:1.1", "r:1.2", "r:1.3", "r:1:1", "r:1:2"] {
                world.call(create(id));
                if id != pending {
                    world.call(settle(id));
                }
            }
            settled(&mut world, "r:2");
            assert_eq!(count(&world.call(reclaim("r", 1, &["r:1", "r:2"]))), 1, "{pending}");
            for id in ["r:1", "r:1.1", "r:1.2", "r:1.3", "r:1:1", "r:1:2"] {
                assert!(world.disk.promise(&Id::from(id)).is_some(), "{id}, {pending}");
            }
        }
    }
}

#[test]
fn as_much_as_may_be_looked_at_is_not_too_much() {
    let limits = Limits { page: 2, examined: 4, ..Limits::default() };
    for (children, gone) in [(5, 6), (6, 7), (7, 0)] {
        let mut world = held(limits);
        settled(&mut world, "r:1");
        (0..children).for_each(|child| settled(&mut world, &format!("r:1.{child}")));
        assert_eq!(count(&world.call(reclaim("r", 1, &["r:1"]))), gone, "{children} children");
    }
}

#[test]
fn what_comes_after_a_tree_that_grows_meanwhile_stays_too() {
    let mut world = held(one_by_one());
    settled(&mut world, "r:1");
    settled(&mut world, "r:2");
    world.crash();
    let ticket = world.ask(reclaim("r", 1, &["r:1", "r:2"]));
    let deletes = |read: &Output| matches!(read, Output::Load { keys, .. } if keys.contains(&Key::Task("r".into())));
    while let Some(which) = world.reads.iter().position(|read| !deletes(read)) {
        world.read(which);
    }
    assert_eq!(world.reads.len(), 1, "the deletion waits for a row");
    world.ask(create("r:2.1"));
    world.read(1);
    world.finish();
    assert_eq!(count(&world.answer(ticket)), 0);
    for id in ["r:1", "r:2", "r:2.1"] {
        assert!(world.disk.promise(&id.into()).is_some(), "{id}");
    }
}

#[test]
fn tasks_that_are_gone_hold_up_no_search_before_that_is_durable() {
    for page in [1, 2, 100] {
        let mut world = held(Limits { page, ..Limits::default() });
        for id in ["r:1", "r:2"] {
            world.call(task_create(id, "p2", 1_000));
            world.call(fulfill(id, 1));
        }
        world.call(task_create("s", "p2", 1_000));
        let reclaiming = world.ask(reclaim("r", 1, &["r:1", "r:2"]));
        while !world.reads.is_empty() {
            world.read(0);
        }
        let searching = world.ask(search_tasks(None, 10, None));
        // The store still has what is gone: a search that went back to it would never end.
        for _ in 0..100 {
            if world.reads.is_empty() {
                break;
            }
            world.read(0);
        }
        assert!(world.reads.is_empty(), "it searches for ever in pages of {page}");
        world.finish();
        assert_eq!(count(&world.answer(reclaiming)), 2);
        let Body::Tasks { tasks, .. } = world.answer(searching).body else { panic!("no tasks") };
        let found: Vec<&str> = tasks.iter().map(|task| &*task.id).collect();
        assert_eq!(found, ["r", "s"]);
    }
}
