use std::{process::ExitCode, time::Duration};

use abide_machine::testing::Tally;
use abide_sim::explore::{
    Coverage, Limits, Machine, Shards, explore, machine_scopes, shard_scopes,
};
use clap::Args;

/// Goes through every interleaving at small scope.
///
/// Each scope is a world so small that there is an end to it: two or three ids, one or two workers,
/// three steps of time. In each of its states everything is tried that can happen: every request
/// with the few arguments that make sense, every internal step, due or not. The whole catalogue of
/// properties is checked for each choice in each state of the records that it depends on, and for
/// each state as a whole. What is broken is told with the shortest way to it.
#[derive(Args)]
pub(crate) struct Explore {
    /// The scopes to go through; all, if none is named.
    scopes: Vec<String>,

    /// Lists the scopes, and does nothing.
    #[arg(long)]
    list: bool,

    /// How many threads share the work.
    #[arg(long, default_value_t = 2)]
    threads: usize,

    /// Stop a scope after so many states, even if some are left. A state takes up to 40 bytes.
    #[arg(long, default_value_t = 100_000_000)]
    states: u64,

    /// Check the whole catalogue with every transition, also those of which every record they
    /// depend on was checked before and which lead to a state that was checked before.
    #[arg(long)]
    thorough: bool,
}

impl Explore {
    pub(crate) fn run(self) -> ExitCode {
        let (machine, shard) = (machine_scopes(), shard_scopes());
        let known = machine.iter().map(|it| (it.name, it.about));
        let known: Vec<_> = known.chain(shard.iter().map(|it| (it.name, it.about))).collect();
        let is_unknown = |name: &&String| known.iter().all(|(other, _)| other != name);
        if let Some(unknown) = self.scopes.iter().find(is_unknown) {
            eprintln!("there is no scope {unknown:?}; --list lists them");
            return ExitCode::from(2);
        }
        if self.list {
            known.iter().for_each(|(name, about)| println!("{name:12} {about}"));
            return ExitCode::SUCCESS;
        }
        let mut sum = Sum::default();
        for scope in machine.into_iter().filter(|scope| self.wants(scope.name)) {
            let name = scope.name;
            let machine = Machine::new(scope, self.thorough);
            let coverage = explore(&machine, name, self.limits());
            if !sum.add(name, &coverage, &machine.tally()) {
                return ExitCode::FAILURE;
            }
        }
        for scope in shard.into_iter().filter(|scope| self.wants(scope.name)) {
            let name = scope.name;
            let shards = Shards::new(scope);
            let coverage = explore(&shards, name, self.limits());
            if !sum.add(name, &coverage, &shards.tally()) {
                return ExitCode::FAILURE;
            }
        }
        sum.print();
        ExitCode::SUCCESS
    }

    fn wants(&self, name: &str) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| scope == name)
    }

    fn limits(&self) -> Limits {
        Limits { threads: self.threads, states: self.states, loud: true }
    }
}

/// What all scopes come to.
#[derive(Default)]
struct Sum {
    states: u64,
    transitions: u64,
    elapsed: Duration,
    tally: Tally,
}

impl Sum {
    /// Adds a scope, and prints it; whether nothing is broken in it.
    fn add(&mut self, name: &str, coverage: &Coverage, tally: &Tally) -> bool {
        self.tally.merge(tally);
        self.states += coverage.states;
        self.transitions += coverage.transitions;
        self.elapsed += coverage.elapsed;
        let Coverage { states, transitions, depth, left, elapsed, .. } = coverage;
        let seconds = elapsed.as_secs_f64();
        let rate = *states as f64 / seconds.max(0.001);
        let end = if coverage.complete { "all of it" } else { "NOT ALL OF IT" };
        println!(
            "{name:12} {states:>11} states {transitions:>13} transitions ({left} out of scope) \
             depth {depth:>5} {seconds:7.1} s {rate:>9.0} states/s  {end}"
        );
        let Some(found) = &coverage.found else { return true };
        println!("\n{found}\nAgain: abide-sim explore {name}");
        false
    }

    fn print(&self) {
        let Sum { states, transitions, tally, .. } = self;
        let seconds = self.elapsed.as_secs_f64();
        let rate = *states as f64 / seconds.max(0.001);
        println!(
            "{states} states, {transitions} transitions, {seconds:.1} s, {rate:.0} states/s; \
             {} cases in which a property could have failed",
            tally.total()
        );
    }
}
