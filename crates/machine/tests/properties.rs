//! The catalogue of properties over generated scripts, and what must hold of whole histories. The
//! model checks every transition, so a test here only has to drive it.

use abide_machine::{
    Config,
    testing::{Model, histories},
};
use proptest::prelude::*;

/// How many steps a script has at most.
const STEPS: usize = 50;

/// How many numbers a step may use up.
const NUMBERS: usize = 16;

fn scripts() -> impl Strategy<Value = Vec<[u16; NUMBERS]>> {
    proptest::collection::vec(any::<[u16; NUMBERS]>(), 1..STEPS)
}

fn config() -> Config {
    Config { retry_interval: 100, preload_limit: 2, ..Config::default() }
}

fn holds(name: &str, script: &[[u16; NUMBERS]]) {
    let script: Vec<&[u16]> = script.iter().map(|numbers| &numbers[..]).collect();
    let history = histories::ALL.iter().find(|history| history.name == name);
    let verdict = (history.expect("there is such a rule").check)(&config(), &script);
    assert_eq!(verdict, Ok(()), "{name}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    /// Nothing fires by itself but what the script fires: every guard is met early, late, twice.
    #[test]
    fn any_steps_in_any_order(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            histories::advance(&mut model, numbers);
        }
    }

    /// As an engine runs it: whatever is due fires before the next request.
    #[test]
    fn with_everything_due_fired(script in scripts()) {
        let mut model = Model::new(config());
        for numbers in &script {
            let (now, _) = histories::advance(&mut model, numbers);
            model.tick(now);
            prop_assert_eq!(model.due(now), vec![]);
        }
    }

    #[test]
    fn late_deadlines_are_not_seen(script in scripts()) {
        holds("a deadline that is written late is not seen", &script);
    }

    #[test]
    fn everything_ends(script in scripts()) {
        holds("everything ends", &script);
    }

    #[test]
    fn what_is_owned_is_canceled(script in scripts()) {
        holds("what a canceled promise owns is canceled", &script);
    }

    #[test]
    fn without_extensions_they_mean_nothing(script in scripts()) {
        holds("without extensions they mean nothing", &script);
    }

    #[test]
    fn a_suspended_task_is_resumed(script in scripts()) {
        holds("a suspended task is resumed", &script);
    }
}
