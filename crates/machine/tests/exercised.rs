//! A property that never had a chance to fail proves nothing: the generator gives each of them
//! one. The numbers are fixed, so that it is the same on every run.

use abide_machine::{
    Config,
    testing::{Script, Tally},
};

const SCRIPTS: u64 = 300;
const STEPS: usize = 60;

#[test]
fn every_property_could_have_failed() {
    let mut tally = Tally::default();
    for seed in 0..SCRIPTS {
        let config = Config { retry_interval: 100, preload_limit: 2, ..Config::default() };
        let mut script = Script::new(seed, config);
        for _ in 0..STEPS {
            if let Err((broken, how)) = script.advance() {
                panic!("seed {seed}: {broken}\n{how}");
            }
        }
        if let Err((broken, how)) = script.check_state() {
            panic!("seed {seed}: {broken}\n{how}");
        }
        tally.merge(&script.tally());
    }
    let never: Vec<_> = tally.iter().filter(|(_, cases)| *cases == 0).collect();
    assert!(never.is_empty(), "never exercised: {:#?}", never);
}
