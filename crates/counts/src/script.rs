use crate::{
    scripts,
    systems::{Machine, Node, Wire},
};

/// Does one round of a script; rounds are numbered, so that each can have ids of its own.
pub(crate) type Round = Box<dyn FnMut(u64)>;

/// A fixed piece of work, the same in every run: no thread, no clock, no file, no chance.
pub(crate) struct Script {
    /// What part of Abide it goes through, and what it does there.
    pub(crate) name: &'static str,
    /// How many rounds are counted.
    pub(crate) rounds: u64,
    /// How many operations one round is. Figures are told for one.
    pub(crate) operations: u64,
    start: fn() -> Round,
}

/// Rounds that are not counted: they fill what is allocated once.
const WARM_UP: u64 = 5;

/// Every script.
pub(crate) const SCRIPTS: &[Script] = &[
    script("wire", 40, 24, scripts::codecs::wire),
    script("records", 20, 202, scripts::codecs::records),
    script("machine/settle", 1_000, 1, scripts::life::settle::<Machine>),
    script("machine/life", 1_000, 1, scripts::life::life::<Machine>),
    script("machine/steps-10", 100, 1, scripts::workflow::steps::<Machine>),
    script("machine/fanout-100", 10, 1, scripts::workflow::fan_out::<Machine>),
    script("engine/settle", 400, 1, scripts::life::settle::<Node>),
    script("engine/life", 400, 1, scripts::life::life::<Node>),
    script("engine/steps-10", 40, 1, scripts::workflow::steps::<Node>),
    script("engine/fanout-100", 5, 1, scripts::workflow::fan_out::<Node>),
    script("engine/search", 20, 1, scripts::many::search::<Node>),
    script("engine/timers", 1, 1_000, scripts::many::timers),
    script("served/settle", 400, 1, scripts::life::settle::<Wire>),
    script("served/life", 400, 1, scripts::life::life::<Wire>),
    script("served/steps-10", 40, 1, scripts::workflow::steps::<Wire>),
    script("served/fanout-100", 5, 1, scripts::workflow::fan_out::<Wire>),
    script("served/search", 20, 1, scripts::many::search::<Wire>),
    script("sdk/steps-10", 20, 1, scripts::durable::steps),
    script("sdk/fanout-100", 2, 1, scripts::durable::fan_out),
    script("sdk/replay", 2, 1_000, scripts::durable::replay),
];

const fn script(name: &'static str, rounds: u64, operations: u64, start: fn() -> Round) -> Script {
    Script { name, rounds, operations, start }
}

impl Script {
    /// The script of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Script> {
        SCRIPTS.iter().find(|script| script.name == name)
    }

    /// Goes through the warm-up and so many rounds.
    pub(crate) fn run(&self, rounds: u64) {
        let mut round = (self.start)();
        (0..WARM_UP + rounds).for_each(&mut round);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SCRIPTS;

    #[test]
    fn every_script_does_what_it_says() {
        for script in SCRIPTS {
            script.run(1);
        }
    }

    #[test]
    fn no_two_scripts_have_one_name() {
        let names: BTreeSet<_> = SCRIPTS.iter().map(|script| script.name).collect();
        assert_eq!(names.len(), SCRIPTS.len());
    }
}
