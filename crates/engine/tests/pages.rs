//! How much the store is asked for at once: what is needed, and no more than a page.

mod support;

use abide_engine::{Input, Limits, Output, Range};
use abide_machine::Config;
use abide_protocol::{PromiseSearch, PromiseState, Request, TaskState};
use support::{World, requests::*, world::member};

/// Has everything done: how much was asked for of the ranges that are meant, one page after the
/// other.
fn asked(world: &mut World, meant: impl Fn(&Range) -> bool) -> Vec<usize> {
    let mut asked = Vec::new();
    while !world.reads.is_empty() || !world.commits.is_empty() {
        if world.reads.is_empty() {
            world.commit();
            continue;
        }
        if let Output::Scan { range, limit, .. } = &world.reads[0]
            && meant(range)
        {
            asked.push(*limit);
        }
        world.read(0);
    }
    asked
}

fn of_pages(page: usize) -> World {
    World::with(Config::default(), Limits { page, ..Limits::default() })
}

fn promises(range: &Range) -> bool {
    matches!(range, Range::Promises(_))
}

#[test]
fn half_of_the_timers_are_fetched_at_once() {
    let mut world = World::with(Config::default(), Limits { timers: 12, ..Limits::default() });
    world.input(Input::Tick);
    assert_eq!(asked(&mut world, |range| *range == Range::Due), [6]);
}

#[test]
fn a_search_for_everything_asks_for_its_page_and_one_more() {
    for (page, size, limits) in [
        (10, 3, vec![4]),
        (4, 3, vec![4]),
        (3, 3, vec![3, 1]),
        (2, 5, vec![2, 2, 2]),
        (3, 4, vec![3, 2]),
    ] {
        let mut world = of_pages(page);
        for id in ["a", "b", "c", "d", "e", "f", "g"] {
            world.call(targeted(id, WORKERS));
        }
        world.ask(search(None, size, None));
        assert_eq!(asked(&mut world, promises), limits, "{size} by {page}");
        world.ask(search_tasks(None, size, None));
        assert_eq!(asked(&mut world, |range| *range == Range::Tasks), limits, "{size} by {page}");
    }
}

#[test]
fn a_search_for_some_asks_for_whole_pages() {
    let mut world = of_pages(4);
    for id in ["a", "b", "c", "d", "e"] {
        world.call(targeted(id, WORKERS));
    }
    world.ask(search(Some(PromiseState::Pending), 1, None));
    assert_eq!(asked(&mut world, promises), [4]);
    world.ask(search(Some(PromiseState::Resolved), 1, None));
    assert_eq!(asked(&mut world, promises), [4, 4]);
    world.ask(search_tasks(Some(TaskState::Halted), 1, None));
    assert_eq!(asked(&mut world, |range| *range == Range::Tasks), [4, 4]);
}

#[test]
fn one_promise_is_asked_for_alone() {
    let mut world = of_pages(4);
    let tags = [("resonate:origin", "a")].into_iter().collect();
    let search = PromiseSearch { state: None, tags, limit: Some(10), cursor: None };
    world.ask(Request::PromiseSearch(search));
    assert_eq!(asked(&mut world, promises), [1, 4, 4]);
}

#[test]
fn what_a_canceled_promise_owns_is_looked_for_a_round_at_a_time() {
    for (page, limit) in [(256, 64), (8, 8)] {
        let mut world = of_pages(page);
        world.call(create("r"));
        world.call(owned("r:1", "r", None));
        world.ask(cancel("r"));
        let owned = asked(&mut world, |range| matches!(range, Range::Owned(_)));
        assert!(!owned.is_empty() && owned.iter().all(|asked| *asked == limit), "{owned:?}");
    }
}

#[test]
fn a_claim_asks_for_as_much_as_it_may_be_told() {
    let config = Config { preload_limit: 3, ..Config::default() };
    for (page, limits) in [(256, vec![3]), (2, vec![2, 1])] {
        let mut world = World::with(config, Limits { page, ..Limits::default() });
        world.call(task_create("r", "p1", 1_000_000));
        (0..5).for_each(|child| drop(world.call(branched(&format!("r:{child}"), "r"))));
        world.call(release("r", 1));
        world.ask(acquire("r", 1));
        assert_eq!(asked(&mut world, |range| *range == Range::Promises("r:".into())), limits);
    }
}

#[test]
fn a_window_is_filled_by_what_it_has_room_for() {
    for (window, page, limit) in [(4, 256, 4), (4, 3, 3)] {
        let limits = Limits { window, page, ..Limits::default() };
        let mut world = World::with(Config::default(), limits);
        world.finish();
        world.input(Input::Connected { receiver: member("workers", "w1") });
        let ready = asked(&mut world, |range| matches!(range, Range::Ready(_)));
        assert!(!ready.is_empty() && ready.iter().all(|asked| *asked == limit), "{ready:?}");
    }
}

#[test]
fn what_has_changed_before_a_page_does_not_belong_to_it() {
    let mut world = of_pages(2);
    world.call(task_create("r", "p1", 1_000_000));
    (0..5).for_each(|child| drop(world.call(branched(&format!("r:{child}"), "r"))));
    world.call(release("r", 1));
    // Known to be free, so that its creation waits for nothing.
    world.call(get("r:00"));
    world.call(task("r:00"));
    world.ask(branched("r:00", "r"));
    let claim = world.ask(acquire("r", 1));
    while !world.reads.is_empty() {
        world.read(0);
    }
    world.finish();
    let claim = world.answer(claim);
    let told: Vec<&str> = claim.preload().iter().map(|promise| promise.id.as_str()).collect();
    assert_eq!(told, ["r:0", "r:00", "r:1", "r:2", "r:3", "r:4"]);
}
