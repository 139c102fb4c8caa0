//! What waits for a receiver is offered when it connects, and again until it is taken.

mod support;

use abide_engine::{Input, Limits, Output, Receiver};
use abide_machine::Config;
use abide_protocol::Message;
use support::{
    World,
    requests::*,
    world::{Delivered, member},
};

fn connect(world: &mut World, receiver: Receiver) {
    world.input(Input::Connected { receiver });
    world.finish();
}

fn tasks(delivered: &[Delivered]) -> Vec<String> {
    let id = |delivered: &Delivered| match &delivered.message {
        Message::Execute { id, .. } => id.to_string(),
        other => panic!("{other:?} is no execute"),
    };
    let mut ids: Vec<String> = delivered.iter().map(id).collect();
    ids.sort();
    ids
}

#[test]
fn a_task_is_offered_when_it_is_durable_and_not_before() {
    let mut world = World::new();
    connect(&mut world, member("workers", "w1"));
    world.ask(targeted("a", WORKERS));
    while !world.reads.is_empty() {
        world.read(0);
    }
    assert_eq!(world.messages(), []);
    world.commit();
    assert_eq!(tasks(&world.messages()), ["a"]);
}

#[test]
fn whoever_connects_late_is_offered_everything_that_waits_for_it_and_nothing_else() {
    let mut world = World::new();
    let addresses = [
        ("a", "poll://any@workers"),
        ("b", "poll://any@workers/w1"),
        ("c", "poll://any@workers/gone"),
        ("d", "poll://uni@workers/w1"),
        ("e", "poll://uni@workers/gone"),
        ("f", "poll://any@workers2"),
        ("g", "http://workers"),
    ];
    for (id, address) in addresses {
        world.call(targeted(id, address));
    }
    world.crash();
    connect(&mut world, member("workers", "w1"));
    assert_eq!(tasks(&world.messages()), ["a", "b", "c", "d"]);
    connect(&mut world, Receiver::Http);
    assert_eq!(tasks(&world.messages()), ["g"]);
}

#[test]
fn a_task_that_nobody_takes_is_offered_again_after_the_retry_interval() {
    let mut world = World::new();
    connect(&mut world, member("workers", "w1"));
    world.call(targeted("a", WORKERS));
    world.messages();
    let interval = Config::default().retry_interval;
    for round in 1..=3 {
        world.advance(1_000 + round * interval - 1);
        assert_eq!(world.messages(), []);
        world.advance(1_000 + round * interval);
        assert_eq!(tasks(&world.messages()), ["a"]);
    }
    world.call(acquire("a", 0));
    world.advance(1_000 + 4 * interval);
    assert_eq!(world.messages(), []);
}

#[test]
fn pending_tasks_cost_nothing_while_nobody_is_connected() {
    let mut world = World::new();
    connect(&mut world, member("workers", "w1"));
    world.call(targeted("a", WORKERS));
    assert_eq!(world.shard.next_wake(), Some(1_000 + Config::default().retry_interval));
    world.input(Input::Disconnected { receiver: member("workers", "w1") });
    assert_eq!(world.shard.next_wake(), Some(FAR), "only the deadline of its promise");
    world.advance(1_000_000);
    world.messages();
    connect(&mut world, member("workers", "w2"));
    assert_eq!(tasks(&world.messages()), ["a"]);
}

#[test]
fn a_receiver_that_is_connected_twice_stays_when_one_connection_ends() {
    let mut world = World::new();
    connect(&mut world, member("workers", "w1"));
    connect(&mut world, member("workers", "w1"));
    world.input(Input::Disconnected { receiver: member("workers", "w1") });
    world.call(targeted("a", WORKERS));
    assert_eq!(tasks(&world.messages()), ["a"]);
}

#[test]
fn a_window_is_filled_again_as_its_tasks_are_taken() {
    let limits = Limits { window: 4, page: 3, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    let ids: Vec<String> = (10..40).map(|index| format!("a{index}")).collect();
    for id in &ids {
        world.call(targeted(id, WORKERS));
    }
    connect(&mut world, member("workers", "w1"));
    let mut offered = Vec::new();
    while let Some(delivered) = world.delivered.pop() {
        let Message::Execute { id, version } = delivered.message else { panic!("no execute") };
        // No more than the window are out at once.
        assert!(world.delivered.len() < 6, "{:?}", world.delivered);
        world.call(acquire(&id, version));
        offered.push(id.to_string());
    }
    offered.sort();
    assert_eq!(offered, ids);
}

#[test]
fn a_task_that_is_born_while_the_window_is_full_is_offered_when_there_is_room() {
    let limits = Limits { window: 2, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    connect(&mut world, member("workers", "w1"));
    for id in ["b", "c", "a"] {
        world.call(targeted(id, WORKERS));
    }
    assert_eq!(tasks(&world.messages()), ["b", "c"]);
    world.call(acquire("b", 0));
    assert!(tasks(&world.messages()).contains(&"a".to_owned()));
}

#[test]
fn a_task_that_is_born_behind_a_pass_is_found_by_the_next_one() {
    let limits = Limits { window: 2, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for id in ["c", "d", "e", "f"] {
        world.call(targeted(id, WORKERS));
    }
    connect(&mut world, member("workers", "w1"));
    assert_eq!(tasks(&world.messages()), ["c", "d"]);
    world.call(targeted("a", WORKERS));
    assert_eq!(world.messages(), []);
    for id in ["c", "d", "e", "f"] {
        world.call(acquire(id, 0));
    }
    assert_eq!(tasks(&world.messages()), ["a", "e", "f"]);
}

#[test]
fn a_task_that_is_taken_before_it_is_offered_gives_up_its_place() {
    let limits = Limits { window: 1, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    world.call(targeted("a", WORKERS));
    world.call(targeted("b", WORKERS));
    world.crash();
    // The claim and the offer wait for the same rows, and the claim comes first.
    let claim = world.ask(acquire("a", 0));
    world.input(Input::Connected { receiver: member("workers", "w1") });
    while let Some(scan) = world.reads.iter().position(|read| matches!(read, Output::Scan { .. })) {
        world.read(scan);
    }
    world.finish();
    assert_eq!(world.answer(claim).task().unwrap().version, 1);
    assert_eq!(tasks(&world.messages()), ["b"]);
}

#[test]
fn tasks_that_nobody_takes_make_way_for_those_that_wait() {
    let limits = Limits { window: 2, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for id in ["a", "b", "c", "d", "e"] {
        world.call(targeted(id, WORKERS));
    }
    connect(&mut world, member("workers", "w1"));
    world.advance(1_000 + 10 * Config::default().retry_interval);
    let messages = world.messages();
    for id in ["a", "b", "c", "d", "e"] {
        assert!(tasks(&messages).contains(&id.to_owned()), "{id} was never offered");
    }
    assert!(messages.len() <= 2 * 12, "each place is used once an interval: {}", messages.len());
}

#[test]
fn an_unblock_is_delivered_until_it_is_taken_at_a_growing_pace() {
    let mut world = World::new();
    connect(&mut world, Receiver::Http);
    world.call(create("a"));
    world.call(listen("a", "http://localhost/hook"));
    world.call(settle("a"));
    let mut waits = Vec::new();
    for _ in 0..12 {
        let messages = world.messages();
        let [delivered] = &messages[..] else { panic!("{messages:?}") };
        let refused_at = world.now;
        world.report(delivered, false);
        let again = world.shard.next_wake().unwrap();
        waits.push(again - refused_at);
        world.advance(again);
    }
    assert_eq!(waits[..4], [100, 200, 400, 800]);
    assert_eq!(waits[9..], [30_000; 3]);
    let messages = world.messages();
    world.report(&messages[0], true);
    world.advance(world.now + 100_000);
    assert_eq!(world.messages(), []);
    assert_eq!(world.shard.next_wake(), None);
    assert_eq!(world.disk.rows.len(), 1, "only the promise is left");
}

#[test]
fn a_refused_unblock_goes_out_at_once_when_its_receiver_connects() {
    let mut world = World::new();
    connect(&mut world, member("clients", "c1"));
    world.call(create("a"));
    world.call(listen("a", "poll://uni@clients/c1"));
    world.call(settle("a"));
    for _ in 0..10 {
        let messages = world.messages();
        world.report(&messages[0], false);
        let again = world.shard.next_wake().unwrap();
        world.advance(again);
    }
    let messages = world.messages();
    world.report(&messages[0], false);
    assert_eq!(world.messages(), []);
    connect(&mut world, member("clients", "c1"));
    assert_eq!(world.messages().len(), 1);
}

#[test]
fn an_unblock_that_was_handed_out_is_not_handed_out_again_before_it_is_refused() {
    let mut world = World::new();
    connect(&mut world, member("clients", "c1"));
    world.call(create("a"));
    world.call(listen("a", "poll://uni@clients/c1"));
    world.call(settle("a"));
    assert_eq!(world.messages().len(), 1);
    connect(&mut world, member("clients", "c1"));
    world.advance(100_000);
    assert_eq!(world.messages(), []);
}

#[test]
fn an_unblock_survives_a_crash_until_it_is_taken() {
    let mut world = World::new();
    world.call(create("a"));
    world.call(listen("a", "poll://uni@clients/c1"));
    world.call(settle("a"));
    for _ in 0..3 {
        world.crash();
        connect(&mut world, member("clients", "c1"));
        assert_eq!(world.messages().len(), 1);
    }
    world.crash();
    connect(&mut world, member("clients", "c1"));
    let messages = world.messages();
    world.report(&messages[0], true);
    world.finish();
    world.crash();
    connect(&mut world, member("clients", "c1"));
    assert_eq!(world.messages(), []);
}

#[test]
fn a_promise_with_very_many_waiting_serves_all_of_them() {
    let mut world = World::new();
    world.call(create("r"));
    for index in 0..300 {
        world.call(targeted(&format!("r:{index}"), WORKERS));
        world.call(acquire(&format!("r:{index}"), 0));
        world.call(suspend(&format!("r:{index}"), 1, &["r"]));
        world.call(listen("r", &format!("poll://uni@clients/c{index}")));
    }
    connect(&mut world, member("workers", "w1"));
    world.call(settle("r"));
    assert_eq!(world.messages().len(), 300);
    let unblocks = world.disk.rows.keys();
    let unblocks = unblocks.filter(|key| matches!(key, abide_machine::Key::Unblock(..)));
    assert_eq!(unblocks.count(), 300);
}
