//! What has a place in a window, and when it gives it up.

mod support;

use std::collections::BTreeSet;

use abide_engine::{Input, Limits, Output};
use abide_machine::Config;
use abide_protocol::{Message, Request};
use support::{World, requests::*, world::member};

const CLIENT: &str = "poll://uni@clients/c1";

fn connect(world: &mut World, group: &str, id: &str) {
    world.input(Input::Connected { receiver: member(group, id) });
    world.finish();
}

fn with_window(window: usize) -> World {
    World::with(Config::default(), Limits { window, ..Limits::default() })
}

/// Settles promises that the client listens to.
fn tell_of(world: &mut World, ids: &[&str]) {
    for id in ids {
        world.call(create(id));
        world.call(listen(id, CLIENT));
        world.call(settle(id));
    }
}

/// The promises that messages have left about since it was last asked.
fn told(world: &mut World) -> BTreeSet<String> {
    let id = |message| match message {
        Message::Unblock { promise } => promise.id.to_string(),
        Message::Execute { id, .. } => id.to_string(),
    };
    world.messages().into_iter().map(|delivered| id(delivered.message)).collect()
}

#[test]
fn a_page_of_before_a_connection_is_not_taken_for_one_of_after_it() {
    let mut world = World::new();
    world.call(targeted("a", WORKERS));
    world.crash();
    world.finish();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    let before = world.reads.len();
    let pages: Vec<Input> = (0..before).map(|_| world.begin_read(0)).collect();
    world.input(Input::Connected { receiver: member("workers", "w2") });
    let after = world.reads.len();
    pages.into_iter().for_each(|page| world.input(page));
    assert_eq!(world.reads.len(), after, "nothing comes of them");
    world.finish();
    assert_eq!(told(&mut world), ["a".to_owned()].into());
}

#[test]
fn a_task_that_is_born_while_the_waiting_ones_are_fetched_is_offered_once() {
    let mut world = World::new();
    world.finish();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    let pages: Vec<Input> = (0..world.reads.len()).map(|_| world.begin_read(0)).collect();
    world.call(targeted("a", WORKERS));
    pages.into_iter().for_each(|page| world.input(page));
    world.finish();
    assert_eq!(world.messages().len(), 1);
}

#[test]
fn a_message_that_was_taken_gives_up_its_place() {
    let ids = ["a", "b", "c", "d", "e"];
    let mut world = with_window(2);
    connect(&mut world, "clients", "c1");
    tell_of(&mut world, &ids);
    let mut heard = BTreeSet::new();
    while let Some(delivered) = world.delivered.pop() {
        let Message::Unblock { promise } = &delivered.message else { panic!("{delivered:?}") };
        heard.insert(promise.id.to_string());
        world.report(&delivered, true);
        world.finish();
    }
    assert_eq!(heard, ids.map(str::to_owned).into());
}

/// The promise that the only message is about, which is refused; time passes until the next one.
fn refused(world: &mut World) -> String {
    let messages = world.messages();
    let [delivered] = &messages[..] else { panic!("{messages:?}") };
    let Message::Unblock { promise } = &delivered.message else { panic!("{delivered:?}") };
    world.report(delivered, false);
    while world.delivered.is_empty() {
        let again = world.shard.next_wake().expect("one of them is sent again");
        world.advance(again);
    }
    promise.id.to_string()
}

#[test]
fn a_message_that_is_refused_five_times_makes_way() {
    let mut world = with_window(1);
    connect(&mut world, "clients", "c1");
    tell_of(&mut world, &["a", "b"]);
    let order: Vec<String> = (0..15).map(|_| refused(&mut world)).collect();
    // The pass that was to find the other begins with the first, which is then as good as new.
    assert_eq!(order.concat(), ["a".repeat(10), "b".repeat(5)].concat());
}

#[test]
fn a_reset_leaves_nothing_in_the_windows() {
    let mut world = with_window(1);
    connect(&mut world, "workers", "w1");
    connect(&mut world, "clients", "c1");
    world.call(targeted("a", WORKERS));
    tell_of(&mut world, &["b"]);
    let old = world.messages();
    assert_eq!(old.len(), 2);
    world.call(Request::DebugReset);
    assert_eq!(world.shard.next_wake(), None, "nobody waits for anything");
    world.call(targeted("c", WORKERS));
    tell_of(&mut world, &["d"]);
    assert_eq!(told(&mut world), ["c", "d"].map(str::to_owned).into());
    // What is said of messages of before is of no account.
    for delivered in &old {
        world.report(delivered, true);
        world.report(delivered, false);
    }
    assert!(world.reads.is_empty() && world.commits.is_empty());
}

#[test]
fn every_delivery_has_a_number_of_its_own() {
    let mut world = World::new();
    connect(&mut world, "clients", "c1");
    tell_of(&mut world, &["a", "b", "c"]);
    let messages = world.messages();
    let numbers: BTreeSet<_> = messages.iter().map(|delivered| delivered.delivery).collect();
    assert_eq!(numbers.len(), 3);
}

#[test]
fn a_task_that_turns_out_to_be_dead_gives_up_its_place() {
    let mut world = with_window(1);
    world.call(targeted_until("a", WORKERS, 2_000));
    world.call(targeted("b", WORKERS));
    world.crash();
    world.finish();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    while let Some(page) = world.reads.iter().position(|it| matches!(it, Output::Scan { .. })) {
        world.read(page);
    }
    // Its offer waits for its row while its deadline passes.
    world.now = 2_000;
    world.finish();
    assert_eq!(told(&mut world), ["b".to_owned()].into());
}

#[test]
fn a_task_that_is_woken_again_while_it_waits_keeps_its_place() {
    let mut world = World::new();
    world.call(task_create("r", "p1", 1_000_000));
    world.call(create("r:1"));
    world.call(create("r:2"));
    world.call(suspend("r", 1, &["r:1", "r:2"]));
    connect(&mut world, "workers", "w1");
    world.call(settle("r:1"));
    assert_eq!(told(&mut world), ["r".to_owned()].into());
    world.call(settle("r:2"));
    assert_eq!(world.messages(), []);
    world.advance(1_000 + Config::default().retry_interval);
    assert_eq!(told(&mut world), ["r".to_owned()].into());
}

/// On a server whose time stands still nobody notices that its deadline has passed.
#[test]
fn a_dead_task_gives_up_its_place_even_while_nothing_fires() {
    let mut world = with_window(1);
    world.call(targeted_until("a", WORKERS, 2_000));
    world.crash();
    world.finish();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    while let Some(page) = world.reads.iter().position(|it| matches!(it, Output::Scan { .. })) {
        world.read(page);
    }
    world.ask(Request::DebugStart);
    world.ask_at(get("b"), Some(2_000));
    world.finish();
    world.ask_at(targeted("c", WORKERS), Some(2_000));
    world.finish();
    assert_eq!(told(&mut world), ["c".to_owned()].into());
}

#[test]
fn a_task_that_is_deleted_gives_up_its_place() {
    let mut world = with_window(1);
    connect(&mut world, "workers", "w1");
    world.call(Request::DebugStart);
    let at = |world: &mut World, request, time| {
        let ticket = world.ask_at(request, Some(time));
        world.finish();
        world.answer(ticket).status
    };
    at(&mut world, task_create("r", "p1", 1_000_000), 1_000);
    at(&mut world, targeted_until("r:1", WORKERS, 2_000), 1_000);
    assert_eq!(told(&mut world), ["r:1".to_owned()].into());
    // Its deadline has passed, and nobody has written that.
    at(&mut world, reclaim("r", 1, &["r:1"]), 2_000);
    assert!(world.disk.promise(&"r:1".into()).is_none());
    at(&mut world, targeted("r:2", WORKERS), 2_000);
    assert_eq!(told(&mut world), ["r:2".to_owned()].into());
}
