//! Explorations go through everything, find what is broken, and say how it comes about.

use abide_machine::{
    Key, Phase,
    testing::{State, Transition},
};
use abide_sim::explore::{
    Action, Coverage, Limits, Machine, Onward, Scope, Shards, System, Violation, World, explore,
    machine_scopes, shard_scopes,
};

fn limits(threads: usize) -> Limits {
    Limits { threads, states: u64::MAX, loud: false }
}

fn scope(name: &str) -> Scope {
    machine_scopes().into_iter().find(|scope| scope.name == name).unwrap()
}

/// A walker on a square, one step to the right or upwards at a time, and sometimes back to the
/// start. One of the places is broken, or panics.
struct Square {
    side: u32,
    broken: Option<(u32, u32)>,
    trap: Option<(u32, u32)>,
}

impl System for Square {
    type State = (u32, u32);
    type Scratch = ();

    const KEPT: usize = 100;

    fn scratch(&self) {}

    fn initial(&self) -> (u32, u32) {
        (0, 0)
    }

    fn fingerprint(&self, &(x, y): &(u32, u32)) -> u128 {
        u128::from(x) << 64 | u128::from(y)
    }

    fn expand(&self, _: &mut (), &(x, y): &(u32, u32), onward: &mut dyn Onward<(u32, u32)>) {
        for (action, next) in [(0, (0, 0)), (1, (x, y + 1)), (2, (x + 1, y))] {
            onward.trying(action);
            if next.0 >= self.side || next.1 >= self.side {
                onward.left();
                continue;
            }
            assert_ne!(Some(next), self.trap, "a trap");
            onward.reached(next);
            if self.broken == Some(next) {
                onward.broken(Violation::new("nobody is there", format!("{next:?}")));
            }
        }
    }

    fn describe(&self, path: &[Action]) -> Vec<String> {
        path.iter().map(|action| ["back", "up", "right"][*action as usize].into()).collect()
    }

    fn finish(&self, (): ()) {}
}

#[test]
fn every_state_is_reached_once_whatever_the_threads() {
    for threads in 1..=4 {
        let square = Square { side: 40, broken: None, trap: None };
        let coverage = explore(&square, "square", limits(threads));
        assert!(coverage.complete && coverage.found.is_none());
        assert_eq!((coverage.states, coverage.transitions), (1_600, 4_800));
        assert_eq!(coverage.left, 80);
    }
}

#[test]
fn the_way_to_what_is_broken_is_the_shortest() {
    for square in [
        Square { side: 20, broken: Some((3, 4)), trap: None },
        Square { side: 20, broken: None, trap: Some((4, 3)) },
    ] {
        let found = explore(&square, "square", limits(2)).found.unwrap();
        assert!(found.shortest, "{found}");
        assert_eq!(found.path.len(), 7, "{found}");
        assert_eq!(found.script.iter().filter(|line| **line == "back").count(), 0);
        let what = if square.trap.is_some() { "nothing panics" } else { "nobody is there" };
        assert_eq!(found.violation.what, what);
    }
}

#[test]
fn a_search_for_the_shortest_way_that_is_given_up_says_so() {
    let square = Square { side: 300, broken: Some((150, 140)), trap: None };
    let found = explore(&square, "square", limits(1)).found.unwrap();
    assert!(!found.shortest);
    assert_eq!(found.path.len(), 290, "nothing can be left out");
}

#[test]
fn an_exploration_that_is_cut_short_says_so() {
    let square = Square { side: 100, broken: None, trap: None };
    let coverage = explore(&square, "square", Limits { states: 500, ..limits(1) });
    assert!(!coverage.complete && (500..10_000).contains(&coverage.states));
}

/// All of it is gone through, and nothing in it is broken.
#[test]
fn a_small_scope_of_the_machine_holds() {
    let machine = Machine::new(scope("workers"), false);
    let Coverage { complete, found, states, .. } = explore(&machine, "workers", limits(2));
    assert!(found.is_none(), "{}", found.unwrap());
    assert!(complete && states > 5_000, "{states}");
    assert!(machine.tally().total() > states, "the catalogue was checked");
}

fn acquired_twice(state: &State) -> bool {
    state.tasks().any(|task| matches!(task.phase, Phase::Acquired { .. }) && task.version == 2)
}

/// A property that is false is found to be, and the script is the shortest history that shows it.
#[test]
fn a_false_property_is_found() {
    let never_twice = |at: &Transition| {
        if acquired_twice(&at.after) { Err("it is".to_owned()) } else { Ok(()) }
    };
    let machine = Machine::new(scope("tasks"), false).also("nobody acquires twice", never_twice);
    let found = explore(&machine, "tasks", limits(2)).found.unwrap();
    assert_eq!(found.violation, Violation::new("nobody acquires twice", "it is"));
    // Created, acquired by its creation as it is pending, released, acquired: none is shorter.
    assert!(found.shortest && found.script.len() == 3, "{found}");
    assert!(found.script[0].starts_with("at 0: task.create a"), "{found}");
    assert!(found.script[1].starts_with("at 0: task.release a at 1"), "{found}");
}

/// The shard, too, is gone through in order of distance once something false is found.
#[test]
fn a_false_claim_about_shards_is_found() {
    let scope = shard_scopes().into_iter().find(|scope| scope.name == "occurrences").unwrap();
    let never_stored = |world: &World| {
        let stored = world.durable().keys().any(|key| matches!(key, Key::Schedule(_)));
        if stored { Err("one is".to_owned()) } else { Ok(()) }
    };
    let shards = Shards::new(scope).also("no schedule is durable", never_stored);
    let found = explore(&shards, "occurrences", limits(2)).found.unwrap();
    assert_eq!(found.violation, Violation::new("no schedule is durable", "one is"));
    // Asked for, looked for, written: no history is shorter.
    assert!(found.shortest && found.script.len() == 3, "{found}");
    assert!(found.script[0].starts_with("at 0: call schedule.create s"), "{found}");
    assert_eq!(found.script[1], "at 0: the store reads Rows([Schedule(\"s\")])");
    assert_eq!(found.script[2], "at 0: batch 1 is durable");
}

/// All calls on two ids, with every read and every commit done at one time and told of at another,
/// and a crash at any point.
#[test]
fn a_small_scope_of_the_shard_holds() {
    let scope = shard_scopes().into_iter().find(|scope| scope.name == "calls").unwrap();
    let shards = Shards::new(scope);
    let coverage = explore(&shards, "calls", Limits { states: 10_000, ..limits(2) });
    assert!(coverage.found.is_none(), "{}", coverage.found.unwrap());
    assert!(coverage.states >= 10_000 && shards.tally().total() > 0);
}
