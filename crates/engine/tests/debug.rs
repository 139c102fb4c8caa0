//! The debug surface: time stands still until it is told to move.

mod support;

use abide_engine::{Input, Limits};
use abide_machine::Config;
use abide_protocol::{Body, Millis, PromiseState, Request, Snapshot, Status, Tick};
use proptest::prelude::*;
use support::{
    World,
    model::Model,
    requests::*,
    script::{Op, script},
    world::member,
};

fn call_at(world: &mut World, request: Request, time: Millis) -> abide_protocol::Response {
    let ticket = world.ask_at(request, Some(time));
    world.finish();
    world.answer(ticket)
}

fn tick(world: &mut World, time: Millis) {
    let response = call_at(world, Request::DebugTick(Tick { time }), time);
    assert_eq!(response.status, Status::Ok, "{response:?}");
}

fn snapshot(world: &mut World, time: Millis) -> Snapshot {
    match call_at(world, Request::DebugSnap, time).body {
        Body::Snapshot(snapshot) => *snapshot,
        other => panic!("{other:?} is no snapshot"),
    }
}

fn stopped() -> World {
    let mut world = World::new();
    world.call(Request::DebugStart);
    world.call(Request::DebugReset);
    world
}

#[test]
fn nothing_fires_while_time_stands_still() {
    let mut world = stopped();
    call_at(&mut world, external("a", 100), 10);
    world.now = 1_000_000;
    world.input(Input::Tick);
    world.finish();
    assert_eq!(world.shard.next_wake(), None);
    assert!(world.disk.promise(&"a".into()).unwrap().record.is_pending());
    let seen = call_at(&mut world, get("a"), 99);
    assert_eq!(seen.promise().unwrap().state, PromiseState::Pending);
    tick(&mut world, 99);
    assert!(world.disk.promise(&"a".into()).unwrap().record.is_pending());
    tick(&mut world, 100);
    assert!(!world.disk.promise(&"a".into()).unwrap().record.is_pending());
    world.call(Request::DebugStop);
    assert_eq!(world.call(create("b")).promise().unwrap().created_at, 1_000_000);
}

#[test]
fn what_was_stopped_goes_on() {
    let mut world = stopped();
    call_at(&mut world, external("a", 2_000), 10);
    assert_eq!(world.shard.next_wake(), None);
    assert_eq!(world.call(Request::DebugStop).body, Body::Empty {});
    assert_eq!(world.shard.next_wake(), Some(2_000));
    world.advance(2_000);
    assert!(!world.disk.promise(&"a".into()).unwrap().record.is_pending());
}

#[test]
fn a_request_with_a_time_of_its_own_moves_time_no_further() {
    for before in [None, Some(1)] {
        let mut world = World::new();
        // Known to be free, so that its creation waits for nothing.
        world.call(get("a"));
        world.call(task("a"));
        world.now = 9_000;
        let (ticket, request, debug_time) = (1_000, create("a"), Some(5_000));
        world.input(match before {
            Some(before) => Input::CallAfter { before, ticket, request, debug_time },
            None => Input::Call { ticket, request, debug_time },
        });
        world.finish();
        assert_eq!(world.answer(ticket).promise().unwrap().created_at, 5_000, "{before:?}");
    }
}

#[test]
fn a_tick_is_answered_when_what_has_fired_is_durable() {
    let mut world = stopped();
    call_at(&mut world, external("a", 100), 10);
    let ticket = world.ask_at(Request::DebugTick(Tick { time: 100 }), Some(100));
    while !world.replies.contains_key(&ticket) {
        assert!(world.disk.promise(&"a".into()).unwrap().record.is_pending());
        if world.reads.is_empty() { world.commit() } else { world.read(0) }
    }
    assert!(!world.disk.promise(&"a".into()).unwrap().record.is_pending());
}

#[test]
fn a_snapshot_is_gathered_page_by_page() {
    let whole = |page| {
        let mut world = World::with(Config::default(), Limits { page, ..Limits::default() });
        world.call(Request::DebugStart);
        for id in ["a", "b", "c"] {
            call_at(&mut world, targeted(id, WORKERS), 2_000);
            let listened = format!("{id}.1");
            call_at(&mut world, create(&listened), 2_000);
            call_at(&mut world, listen(&listened, "poll://uni@clients/c1"), 2_000);
            call_at(&mut world, settle(&listened), 2_000);
        }
        snapshot(&mut world, 2_000)
    };
    let all = whole(100);
    assert_eq!((all.promises.len(), all.tasks.len(), all.messages.len()), (6, 3, 6));
    assert_eq!(whole(1), all);
    assert_eq!(whole(2), all);
}

#[test]
fn a_tick_offers_again_whatever_is_due() {
    let mut world = stopped();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    call_at(&mut world, targeted("a", WORKERS), 10);
    assert_eq!(world.messages().len(), 1);
    tick(&mut world, 5_009);
    assert_eq!(world.messages().len(), 0);
    tick(&mut world, 5_010);
    assert_eq!(world.messages().len(), 1);
}

#[test]
fn a_tick_at_another_time_than_its_own_is_refused() {
    let mut world = stopped();
    let response = call_at(&mut world, Request::DebugTick(Tick { time: 5 }), 6);
    assert_eq!(response.status, Status::BadRequest);
}

#[test]
fn a_snapshot_shows_everything() {
    let mut world = stopped();
    call_at(&mut world, targeted("r", WORKERS), 1);
    call_at(&mut world, acquire_by("r", 0, "p1", 50), 2);
    call_at(&mut world, external("r:1", 100), 3);
    call_at(&mut world, suspend("r", 1, &["r:1"]), 4);
    call_at(&mut world, targeted("q", WORKERS), 5);
    call_at(&mut world, listen("r:1", "poll://uni@clients/c1"), 6);
    let before = snapshot(&mut world, 7);
    let ids: Vec<&str> = before.promises.iter().map(|promise| &*promise.id).collect();
    assert_eq!(ids, ["q", "r", "r:1"]);
    assert_eq!(before.callbacks.len(), 1);
    assert_eq!(before.listeners.len(), 1);
    assert_eq!(before.promise_timeouts.len(), 3);
    let timeouts: Vec<_> =
        before.task_timeouts.iter().map(|due| (&*due.id, due.kind, due.timeout)).collect();
    assert_eq!(timeouts, [("q", 0, 5_005)]);
    assert_eq!(before.messages.len(), 1);
    tick(&mut world, 100);
    let after = snapshot(&mut world, 100);
    assert_eq!((after.callbacks.len(), after.listeners.len()), (0, 0));
    let addresses: Vec<_> = after.messages.iter().map(|message| &message.address[..]).collect();
    assert_eq!(addresses, [WORKERS, WORKERS, "poll://uni@clients/c1"]);
}

#[test]
fn a_reset_fails_what_is_in_progress_and_leaves_nothing() {
    let mut world = World::new();
    world.call(create("a"));
    let parked = world.ask(get("b"));
    let writing = world.ask(settle("a"));
    let reset = world.ask(Request::DebugReset);
    assert_eq!(world.answer(parked).status, Status::Unavailable);
    assert_eq!(world.answer(writing).status, Status::Unavailable);
    let early = world.ask(get("a"));
    assert_eq!(world.answer(early).status, Status::Unavailable);
    world.finish();
    assert_eq!(world.answer(reset).status, Status::Ok);
    assert_eq!(world.call(get("a")).status, Status::NotFound);
    assert!(world.disk.rows.is_empty() && world.disk.index.is_empty());
}

/// The call before it has its rows kept in memory, until the reset that its answer lets begin
/// forgets them.
#[test]
fn a_reset_may_follow_a_call_that_waited_for_its_rows() {
    let mut world = World::new();
    world.call(create("a"));
    let [get, reset] = world.call_in_turn(get("b"), Request::DebugReset);
    assert_eq!((get.status, reset.status), (Status::NotFound, Status::Ok));
    assert!(world.disk.rows.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_tick_does_what_the_machine_does(script in script()) {
        let mut world = stopped();
        let mut model = Model::default();
        let mut time = 1_000;
        for op in script {
            match op {
                Op::Call(_) | Op::InTurn(..) => {
                    for request in op.requests() {
                        let response = model.respond(request.clone(), time);
                        model.owed(time);
                        prop_assert_eq!(call_at(&mut world, request, time), response);
                    }
                }
                Op::Advance(span) => {
                    time += span;
                    model.tick(time);
                    tick(&mut world, time);
                }
            }
            prop_assert_eq!(&world.disk.rows, &model.rows);
        }
    }
}
