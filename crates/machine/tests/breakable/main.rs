//! A property that cannot fail says nothing: each is broken here by some change to what a real
//! step, answer or state was. And what is found by looking only at what a step has touched is what
//! is found by looking at everything.

mod answers;
mod chance;
mod rows;
mod steps;

use std::collections::BTreeSet;

use abide_machine::{
    Config, Entry, Key, Row, Step, entries,
    testing::{
        Answered, Model, Script, State, Subject, Taken, Tally, Transition, catalogue, verify_rows,
    },
};
use chance::Chance;

const SCRIPTS: u64 = 60;
const STEPS: usize = 60;
/// How many changes are tried on each step.
const CHANGES: usize = 12;

fn config() -> Config {
    Config { retry_interval: 100, preload_limit: 2, ..Config::default() }
}

/// The names of what a changed step breaks.
fn broken_by(before: &Model, taken: &Taken) -> BTreeSet<&'static str> {
    let mut after = before.clone();
    after.apply(taken);
    let at = Transition::new(before.state(), taken, after.state());
    let broken: BTreeSet<_> =
        at.broken(&mut Tally::default()).into_iter().map(|broken| broken.name).collect();
    let everywhere = after.state().broken(&mut Tally::default());
    let everywhere: BTreeSet<_> = everywhere.into_iter().map(|broken| broken.name).collect();
    let states = |name: &&'static str| of_states().contains(name);
    let near: BTreeSet<_> = broken.iter().copied().filter(states).collect();
    // A time that goes back is a property of its own; what is true of the rest, only then is not.
    if taken.now >= before.now() {
        assert_eq!(near, everywhere, "{at}");
    }
    broken
}

fn of_states() -> BTreeSet<&'static str> {
    let states = catalogue().filter(|property| property.subject() == Subject::State);
    states.map(|property| property.name).collect()
}

/// What damage to a store breaks: a record under another's key, an entry lost, an entry left.
fn broken_by_damage(model: &Model, chance: &mut Chance) -> BTreeSet<&'static str> {
    let mut index: BTreeSet<Entry> = model.rows().values().flat_map(entries).collect();
    let mut rows = model.rows().clone();
    match chance.below(3) {
        0 => {
            if let (Some(key), Some(row)) = (chance.one(rows.keys()), chance.one(rows.values())) {
                rows.insert(key, row);
            }
        }
        1 => drop(chance.one(index.iter()).map(|entry| index.remove(&entry))),
        _ => drop(chance.one(rows.keys()).map(|key| rows.remove(&key))),
    }
    let found = verify_rows(&rows, &index, model.now(), model.config(), &mut Tally::default());
    found.into_iter().map(|broken| broken.name).collect()
}

/// These say what index entries a record has. No step, answer or store that is changed here can break
/// them, only a bug in the machine: `abide-sim faults` plants such bugs, and they are caught by these.
const ONLY_BY_A_BUG: &[&str] = &[
    "exactly what is pending is found by its owner",
    "a promise is found by its branch, unless it is that",
    "exactly a held task is found by its process",
];

#[test]
fn every_property_can_be_broken() {
    let mut broken = BTreeSet::new();
    let mut chance = Chance::new(1);
    for seed in 0..SCRIPTS {
        let mut script = Script::new(seed, config());
        for _ in 0..STEPS {
            let before = script.model().clone();
            let turn = script.advance().expect("nothing is broken but what is broken here");
            if let Some(taken) = &turn.taken {
                broken.extend(broken_by(&before, &steps::without_effects(taken)));
                broken.extend(broken_by(&before, &steps::granted(taken)));
                broken.extend(broken_by(&before, &steps::without_cascades(&before, taken)));
                for _ in 0..CHANGES {
                    let mut taken = taken.clone();
                    steps::change(&before, &mut taken, &mut chance);
                    broken.extend(broken_by(&before, &taken));
                }
            }
            if let (Step::Request(request), Some(mut response)) = (turn.chosen, turn.response) {
                answers::change(&mut response, &mut chance);
                let model = script.model();
                let after = State::new(model.rows(), turn.now, model.config());
                let at = Answered { request: &request, response: &response, after };
                let found = at.broken(&mut Tally::default());
                broken.extend(found.into_iter().map(|broken| broken.name));
            }
            broken.extend(broken_by_damage(script.model(), &mut chance));
        }
    }
    broken.extend(ONLY_BY_A_BUG);
    let never = catalogue().filter(|property| !broken.contains(property.name));
    let never: Vec<_> = never.map(|property| (property.area, property.name)).collect();
    assert!(never.is_empty(), "nothing breaks {never:#?}");
}

#[test]
fn a_whole_store_is_whole() {
    for seed in 0..SCRIPTS {
        let mut script = Script::new(seed, config());
        for _ in 0..STEPS {
            script.advance().expect("nothing is broken");
            script.check_state().expect("nothing is broken");
        }
    }
}

/// Whatever a store holds is judged, never answered with a panic.
#[test]
fn whatever_a_store_holds_is_judged() {
    let mut chance = Chance::new(2);
    let mut script = Script::new(7, config());
    for _ in 0..200 {
        script.advance().expect("nothing is broken");
        let mut rows: std::collections::BTreeMap<Key, Row> = script.model().rows().clone();
        for _ in 0..4 {
            let keys: Vec<Key> = rows.keys().cloned().collect();
            let Some(key) = chance.one(keys.iter()) else { continue };
            if let Some(row) = rows.get_mut(&key) {
                rows::change(row, script.model(), &mut chance);
            }
        }
        let index = rows.values().flat_map(entries).collect();
        verify_rows(&rows, &index, 0, &config(), &mut Tally::default());
    }
}
