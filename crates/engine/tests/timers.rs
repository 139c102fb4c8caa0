//! Timers fire at their millisecond, however many there are and however few are in memory.

mod support;

use abide_engine::{Input, Limits};
use abide_machine::Config;
use abide_protocol::{Millis, PromiseState, Request, ScheduleDelete, TaskState};
use support::{World, requests::*, world::member};

#[test]
fn the_shard_asks_to_be_woken_at_the_deadline_and_settles_then() {
    let mut world = World::new();
    world.call(external("a", 1_500));
    assert_eq!(world.shard.next_wake(), Some(1_500));
    world.now = 1_499;
    world.input(Input::Tick);
    world.finish();
    assert!(world.disk.promise(&"a".into()).unwrap().record.is_pending());
    world.now = 1_500;
    world.input(Input::Tick);
    world.finish();
    let record = &world.disk.promise(&"a".into()).unwrap().record;
    assert_eq!(record.state, PromiseState::RejectedTimedout);
    assert_eq!(record.settled_at, Some(1_500));
    assert_eq!(world.shard.next_wake(), None);
}

#[test]
fn a_shard_with_nothing_due_is_not_woken() {
    let mut world = World::new();
    world.call(create("a"));
    world.call(targeted("b", WORKERS));
    world.call(settle("b"));
    assert_eq!(world.shard.next_wake(), None, "nobody waits, and no worker is connected");
}

#[test]
fn a_lease_ends_when_no_heartbeat_comes() {
    let mut world = World::new();
    world.call(targeted("a", WORKERS));
    world.call(acquire_by("a", 0, "p1", 300));
    world.advance(1_200);
    world.call(heartbeat("p1"));
    world.advance(1_499);
    assert_eq!(world.call(task("a")).task().unwrap().state, TaskState::Acquired);
    world.advance(1_500);
    let task = world.call(task("a"));
    assert_eq!(task.task().unwrap().state, TaskState::Pending);
    assert_eq!(task.task().unwrap().version, 1);
}

#[test]
fn a_heartbeat_for_everything_reaches_everything() {
    let limits = Limits { page: 3, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for index in 0..20 {
        world.call(task_create(&format!("a{index}"), "p1", 300));
        world.call(task_create(&format!("b{index}"), "p2", 300));
    }
    world.now = 1_200;
    world.call(heartbeat("p1"));
    world.advance(1_499);
    for index in 0..20 {
        let mine = world.call(task(&format!("a{index}")));
        assert_eq!(mine.task().unwrap().state, TaskState::Acquired);
        let other = world.call(task(&format!("b{index}")));
        assert_eq!(other.task().unwrap().state, TaskState::Pending);
    }
}

#[test]
fn a_delayed_task_is_offered_at_its_time() {
    let mut world = World::new();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    world.call(delayed("a", WORKERS, 2_000));
    world.advance(1_999);
    assert_eq!(world.messages(), []);
    world.advance(2_000);
    assert_eq!(world.messages().len(), 1);
}

#[test]
fn a_schedule_makes_up_for_every_occurrence_it_has_missed() {
    let mut world = World::new();
    world.call(every_second("s"));
    world.now = 6_400;
    world.input(Input::Tick);
    world.finish();
    for occurrence in 2..=6 {
        let id = format!("s-{}", occurrence * 1_000);
        let record = &world.disk.promise(&id.as_str().into()).unwrap().record;
        assert_eq!(record.created_at, occurrence * 1_000);
    }
    assert_eq!(world.shard.next_wake(), Some(6_500), "the deadline of the last one is near");
    world.advance(6_999);
    assert_eq!(world.shard.next_wake(), Some(7_000));
}

#[test]
fn far_timers_stay_in_the_store_and_fire_at_their_millisecond_all_the_same() {
    let limits = Limits { timers: 8, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    // In an order that is neither that of the times nor its reverse.
    let mut times: Vec<Millis> = (0..100).map(|index| 2_000 + (index * 37) % 100 * 10).collect();
    for time in &times {
        world.call(external(&format!("a{time}"), *time));
    }
    world.crash();
    world.finish();
    times.sort();
    for time in times {
        let id = format!("a{time}");
        world.advance(time - 1);
        assert!(world.disk.promise(&id.as_str().into()).unwrap().record.is_pending(), "{id}");
        world.advance(time);
        assert!(!world.disk.promise(&id.as_str().into()).unwrap().record.is_pending(), "{id}");
    }
}

#[test]
fn a_timer_that_is_written_while_the_next_ones_are_fetched_is_not_lost() {
    let mut world = World::new();
    // The first fetch is under way and has seen an empty store.
    world.input(Input::Tick);
    let fetch = world.begin_read(0);
    world.ask(external("a", 1_500));
    while !world.reads.is_empty() {
        world.read(0);
    }
    world.commit();
    world.input(fetch);
    assert_eq!(world.shard.next_wake(), Some(1_500));
}

#[test]
fn time_does_not_go_back() {
    let mut world = World::new();
    world.advance(5_000);
    world.call(create("a"));
    world.now = 4_000;
    let later = world.call(create("b"));
    assert_eq!(later.promise().unwrap().created_at, 5_000);
    assert_eq!(world.shard.clock(), 5_000);
}

#[test]
fn no_task_is_offered_whose_own_deadline_has_passed_with_what_it_waits_for() {
    let mut world = World::new();
    world.input(Input::Connected { receiver: member("workers", "w1") });
    world.call(targeted_until("r", WORKERS, 2_000));
    world.call(acquire("r", 0));
    world.call(external("r:1", 2_000));
    world.call(suspend("r", 1, &["r:1"]));
    world.messages();
    world.advance(3_000);
    assert_eq!(world.messages(), []);
    assert_eq!(world.call(task("r")).task().unwrap().state, TaskState::Fulfilled);
}

/// Found by exploration: the occurrence of the old schedule waits for the store while the first one
/// of the new schedule is due, and finds that it has nothing to do.
#[test]
fn a_schedule_that_is_made_anew_while_an_occurrence_is_under_way_goes_on() {
    let mut world = World::new();
    world.call(every_second("s"));
    world.now = 2_000;
    world.input(Input::Tick);
    assert_eq!(world.reads.len(), 1, "the occurrence waits for its promise");
    world.ask(Request::ScheduleDelete(ScheduleDelete { id: "s".into() }));
    world.ask(every_second("s"));
    world.now = 3_000;
    world.input(Input::Tick);
    world.finish();
    assert!(world.disk.promise(&"s-3000".into()).is_some());
    assert_eq!(world.shard.next_wake(), Some(3_500), "the deadline of that promise");
}
