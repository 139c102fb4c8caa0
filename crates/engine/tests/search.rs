//! A search sees what is in memory and what is in the store as one, page by page.

mod support;

use std::collections::BTreeMap;

use abide_engine::{Limits, Output};
use abide_machine::Config;
use abide_protocol::{
    Body, PromiseSearch, PromiseState, Request, Response, ScheduleDelete, ScheduleSearch, Tags,
    TaskState,
};
use proptest::prelude::*;
use support::{World, requests::*};

fn ids(response: Response) -> (Vec<String>, Option<String>) {
    match response.body {
        Body::Promises { promises, cursor } => {
            (promises.iter().map(|promise| promise.id.to_string()).collect(), cursor)
        }
        Body::Tasks { tasks, cursor } => {
            (tasks.iter().map(|task| task.id.to_string()).collect(), cursor)
        }
        other => panic!("{other:?} is no page"),
    }
}

/// Every page of a search, one after the other.
fn pages(world: &mut World, search: impl Fn(Option<String>) -> Request) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let (page, next) = ids(world.call(search(cursor)));
        pages.push(page);
        cursor = next;
        if cursor.is_none() {
            return pages;
        }
    }
}

#[test]
fn pages_are_full_and_the_last_one_has_no_cursor() {
    let limits = Limits { page: 2, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for id in ["a", "b", "c", "d", "e", "f"] {
        world.call(targeted(id, WORKERS));
    }
    world.call(settle("b"));
    let pending = Some(PromiseState::Pending);
    assert_eq!(
        pages(&mut world, |cursor| search(None, 3, cursor)),
        [["a", "b", "c"], ["d", "e", "f"]]
    );
    assert_eq!(
        pages(&mut world, |cursor| search(pending, 2, cursor)),
        vec![vec!["a", "c"], vec!["d", "e"], vec!["f"]]
    );
    assert_eq!(
        pages(&mut world, |cursor| search_tasks(None, 4, cursor)),
        vec![vec!["a", "b", "c", "d"], vec!["e", "f"]]
    );
}

#[test]
fn a_search_that_finds_little_stops_and_says_where_to_go_on() {
    let limits = Limits { page: 2, examined: 4, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    for id in ["a", "b", "c", "d", "e", "f"] {
        world.call(create(id));
    }
    world.call(settle("f"));
    let resolved = Some(PromiseState::Resolved);
    let found = pages(&mut world, |cursor| search(resolved, 10, cursor));
    assert_eq!(found, vec![vec![], vec!["f"]]);
    world.call(task_create("c", "p1", 1_000));
    for id in ["g", "h", "i", "j", "k"] {
        world.call(targeted(id, WORKERS));
    }
    world.call(task_create("l", "p1", 1_000));
    let acquired = Some(TaskState::Acquired);
    let found = pages(&mut world, |cursor| search_tasks(acquired, 10, cursor));
    assert_eq!(found, vec![vec![], vec!["l"]]);
}

#[test]
fn a_search_that_finds_much_stops_and_says_where_to_go_on() {
    for page in [1, 4, 100] {
        let limits = Limits { page_bytes: 5_000, page, ..Limits::default() };
        let mut world = World::with(Config::default(), limits);
        let large = "x".repeat(2_000);
        for id in ["a", "b", "c", "d", "e"] {
            world.call(create_with(id, &large));
        }
        let found = pages(&mut world, |cursor| search(None, 10, cursor));
        assert_eq!(found.concat(), ["a", "b", "c", "d", "e"]);
        assert!(found.iter().all(|page| (1..=3).contains(&page.len())), "{found:?}");
    }
}

#[test]
fn a_search_is_projected() {
    let mut world = World::new();
    world.call(Request::PromiseCreate(promise("a", 2_000, &[])));
    world.now = 2_000;
    let found = world.call(search(Some(PromiseState::RejectedTimedout), 10, None));
    assert_eq!(ids(found), (vec!["a".to_owned()], None));
}

#[derive(Clone, Debug)]
enum Op {
    Create(u8),
    Settle(u8),
    Commit,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0_u8..40).prop_map(Op::Create),
        2 => (0_u8..40).prop_map(Op::Settle),
        1 => Just(Op::Commit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    /// Whatever part of it is durable, in flight or still gathering.
    #[test]
    fn a_search_finds_what_is_there(
        ops in prop::collection::vec(op(), 0..80),
        page in 1_usize..10,
        size in 1_i64..10,
        // What happens between asking for a page of the store and getting it.
        late in any::<bool>(),
    ) {
        let limits = Limits { page, ..Limits::default() };
        let mut world = World::with(Config::default(), limits);
        let mut model = BTreeMap::new();
        for op in ops {
            match op {
                Op::Create(id) => {
                    world.ask(create(&format!("a{id:02}")));
                    model.entry(format!("a{id:02}")).or_insert(true);
                }
                Op::Settle(id) => {
                    world.ask(settle(&format!("a{id:02}")));
                    model.entry(format!("a{id:02}")).and_modify(|pending| *pending = false);
                }
                Op::Commit if !world.commits.is_empty() => world.commit(),
                Op::Commit => {}
            }
            while !world.reads.is_empty() {
                world.read(0);
            }
        }
        let all: Vec<String> = model.keys().cloned().collect();
        let pending: Vec<String> =
            model.iter().filter(|(_, pending)| **pending).map(|(id, _)| id.clone()).collect();
        let everything = world.ask(search(None, size, None));
        let some = world.ask(search(Some(PromiseState::Pending), size, None));
        while late && !world.reads.is_empty() {
            // The page was read before everything became durable and arrives after it.
            let page = world.begin_read(0);
            while !world.commits.is_empty() {
                world.commit();
            }
            world.input(page);
        }
        world.finish();
        for (ticket, expected) in [(everything, all), (some, pending)] {
            let (found, cursor) = ids(world.answer(ticket));
            let more = expected.len() > size as usize;
            prop_assert_eq!(&found[..], &expected[..expected.len().min(size as usize)]);
            prop_assert_eq!(cursor, found.last().filter(|_| more).cloned());
        }
    }
}

/// Ids around those of the tree `a`, in order, and whether each belongs to it.
const AROUND: [(&str, bool); 12] = [
    ("A", false),
    ("a", true),
    ("a-", false),
    ("a-b", false),
    ("a.", true),
    ("a.1", true),
    ("a.1.2", true),
    ("a0", false),
    ("a:1", true),
    ("a:1.2", true),
    ("ab", false),
    ("b", false),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Whichever of the ids exist, durable or not, whatever the pages.
    #[test]
    fn a_search_finds_a_tree_among_its_neighbours(
        created in prop::collection::vec((0..AROUND.len(), any::<bool>()), 0..20),
        page in 1_usize..4,
        size in 1_i64..4,
        examined in 1_usize..4,
    ) {
        let limits = Limits { page, examined, ..Limits::default() };
        let mut world = World::with(Config::default(), limits);
        for (at, durable) in &created {
            let (id, ours) = AROUND[*at];
            let origin = if ours { "a" } else { id };
            let request = promise(id, FAR, &[("resonate:origin", origin)]);
            world.ask(Request::PromiseCreate(request));
            while !world.reads.is_empty() {
                world.read(0);
            }
            if *durable && !world.commits.is_empty() {
                world.commit();
            }
        }
        let tree = |cursor| Request::PromiseSearch(PromiseSearch {
            state: None,
            tags: [("resonate:origin", "a")].into_iter().collect(),
            limit: Some(size),
            cursor,
        });
        let expected: Vec<&str> = AROUND
            .iter()
            .enumerate()
            .filter(|(at, (_, ours))| *ours && created.iter().any(|(other, _)| other == at))
            .map(|(_, (id, _))| *id)
            .collect();
        prop_assert_eq!(pages(&mut world, tree).concat(), expected);
    }
}

#[test]
fn a_search_for_a_tree_looks_at_no_other() {
    let limits = Limits { page: 2, examined: 3, ..Limits::default() };
    let mut world = World::with(Config::default(), limits);
    let in_tree =
        |id, origin| Request::PromiseCreate(promise(id, FAR, &[("resonate:origin", origin)]));
    for id in ["a0", "a1", "a2", "a3", "a4", "b", "c"] {
        world.call(in_tree(id, id));
    }
    world.call(in_tree("a", "a"));
    world.call(in_tree("a:1", "a"));
    let tags: Tags = [("resonate:origin", "a")].into_iter().collect();
    let search = PromiseSearch { state: None, tags, limit: Some(10), cursor: None };
    let found = ids(world.call(Request::PromiseSearch(search)));
    assert_eq!(found, (vec!["a".to_owned(), "a:1".to_owned()], None));
}

#[test]
fn what_is_deleted_is_not_found_even_before_that_is_durable() {
    for page in [1, 2, 100] {
        all_but_the_deleted(page);
    }
}

fn all_but_the_deleted(page: usize) {
    let mut world = World::with(Config::default(), Limits { page, ..Limits::default() });
    for id in ["a", "b"] {
        world.call(every_second(id));
    }
    let search = |limit| {
        let tags = Tags::default();
        Request::ScheduleSearch(ScheduleSearch { tags, limit: Some(limit), cursor: None })
    };
    let deleting = world.ask(Request::ScheduleDelete(ScheduleDelete { id: "a".into() }));
    let searching = world.ask(search(10));
    while !world.reads.is_empty() {
        world.read(0);
    }
    world.finish();
    world.answer(deleting);
    let Body::Schedules { schedules, .. } = world.answer(searching).body else {
        panic!("no schedules")
    };
    let found: Vec<&str> = schedules.iter().map(|schedule| &*schedule.id).collect();
    assert_eq!(found, ["b"]);
}

#[test]
fn a_task_is_as_its_promise_is_by_now() {
    let mut world = World::new();
    world.call(Request::DebugStart);
    world.call(targeted_until("a", WORKERS, 2_000));
    world.call(targeted("b", WORKERS));
    world.crash();
    world.call(Request::DebugStart);
    let search = search_tasks(Some(TaskState::Fulfilled), 10, None);
    let ticket = world.ask_at(search, Some(2_000));
    world.finish();
    assert_eq!(ids(world.answer(ticket)), (vec!["a".to_owned()], None));
}

#[test]
fn a_fulfilled_task_is_found_without_a_look_at_its_promise() {
    let mut world = World::new();
    for id in ["a", "b"] {
        world.call(task_create(id, "p1", 1_000));
        world.call(fulfill(id, 1));
    }
    world.crash();
    world.finish();
    let ticket = world.ask(search_tasks(None, 10, None));
    while let Some(read) = world.reads.first() {
        assert!(matches!(read, Output::Scan { .. }), "{read:?}");
        world.read(0);
    }
    assert_eq!(ids(world.answer(ticket)).0, ["a", "b"]);
}
