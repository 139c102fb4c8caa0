//! Runs everything that a world asks for, and compares.

use std::{
    cell::RefCell,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    time::Instant,
};

use super::{
    plan::{Plan, Point},
    report::{Report, Run},
    run::{Ended, Failure, Program, Setting},
    world::{Points, World},
};

/// Runs one plan only, or one seed: `ABIDE_TEST_SEED=7/12+`.
const SEED: &str = "ABIDE_TEST_SEED";

/// What a run that went well came to.
struct Ran {
    writes: u64,
    /// Whether the fault of the plan has come.
    reached: bool,
}

/// Runs everything and compares.
pub(super) struct Judge<'a, T> {
    world: World<'a>,
    main: Program<'a>,
    result: Rc<RefCell<Option<T>>>,
    first: Option<(Plan, T, Run)>,
    pub(super) report: Report,
}

impl<'a, T: PartialEq + Debug> Judge<'a, T> {
    pub(super) fn new(world: World<'a>, main: Program<'a>, result: Rc<RefCell<Option<T>>>) -> Self {
        Self { world, main, result, first: None, report: Report::default() }
    }

    pub(super) fn all(&mut self) {
        match std::env::var(SEED) {
            Ok(text) => match text.parse::<Plan>() {
                Ok(plan) if plan.point.is_some() => drop(self.one(plan)),
                Ok(plan) => self.points_of(plan.seed),
                Err(wrong) => panic!("{wrong}"),
            },
            Err(_) => self.world.seeds.clone().for_each(|seed| self.points_of(seed)),
        }
    }

    fn points_of(&mut self, seed: u64) {
        let at = |write, fault| Plan { seed, point: Some(Point { write, fault }) };
        let kinds = self.world.kinds.clone();
        match self.world.points {
            Points::Nowhere => {
                self.one(Plan { seed, point: None });
            }
            Points::At(write) => {
                for fault in kinds {
                    let Ran { reached, .. } = self.one(at(write, fault));
                    assert!(reached, "the program ends before its write {write}");
                }
            }
            Points::Everywhere => {
                // Up to the fault everything is as it is without one.
                let Ran { writes, .. } = self.one(Plan { seed, point: None });
                for write in 1..=writes {
                    for fault in &kinds {
                        self.one(at(write, *fault));
                    }
                }
            }
        }
    }

    /// Runs once.
    fn one(&mut self, plan: Plan) -> Ran {
        let started = Instant::now();
        let setting = Setting {
            plan,
            faults: self.world.faults.clone(),
            engine: self.world.engine,
            limits: self.world.limits,
            main: self.main.clone(),
            others: self.world.others.clone(),
            trace: self.world.traces,
        };
        let ended = setting.run();
        let Ended { run, reached, failure } = ended;
        self.report += run.report(started.elapsed());
        if let Some(failure) = failure {
            fail(plan, &run, failure);
        }
        if let Some(check) = &self.world.check {
            let checked = catch_unwind(AssertUnwindSafe(|| check(&run)));
            if let Err(panic) = checked {
                fail(plan, &run, Failure::Panicked(panic));
            }
        }
        let writes = run.writes;
        self.compare(plan, run);
        Ran { writes, reached }
    }

    fn compare(&mut self, plan: Plan, run: Run) {
        let result = self.result.take().expect("it ended without a failure");
        let Some((before, expected, records)) = &self.first else {
            self.first = Some((plan, result, run));
            return;
        };
        assert!(
            *expected == result,
            "with {} ({SEED}={before}) it gives {expected:?},\nwith {} ({SEED}={plan}) it gives \
             {result:?}",
            before.describe(),
            plan.describe(),
        );
        let ids = self.world.engine.is_embedded();
        if self.world.same_records && records.settled(ids) != run.settled(ids) {
            let only = |these: &Run, those: &Run| {
                let (these, those) = (these.settled(ids), those.settled(ids));
                let differ = these.iter().filter(|record| !those.contains(record));
                differ.map(|record| format!("    {record:?}\n")).collect::<String>()
            };
            panic!(
                "other records: with {} ({SEED}={before})\n{}with {} ({SEED}={plan})\n{}",
                before.describe(),
                only(records, &run),
                plan.describe(),
                only(&run, records),
            );
        }
    }
}

/// Tells what has happened, and fails the test.
fn fail(plan: Plan, run: &Run, failure: Failure) -> ! {
    let what = match &failure {
        Failure::Panicked(_) => "it panicked, as said above".to_owned(),
        Failure::Error(error) => format!("it ended with an error: {error}"),
        Failure::Stuck(stuck) => stuck.to_string(),
    };
    let thread = std::thread::current();
    let test = thread.name().filter(|name| *name != "main").unwrap_or("THE_TEST");
    eprintln!(
        "\na world has failed with {}, after {} writes, {} crashes, {} freezes and {:.3} s of \
         virtual time\n  {what}\n  again: {SEED}={plan} cargo test {test}\n  what has happened:\n\
         {}",
        plan.describe(),
        run.writes,
        run.crashes,
        run.freezes,
        run.virtual_time.as_secs_f64(),
        run.trace,
    );
    match failure {
        Failure::Panicked(panic) => resume_unwind(panic),
        _ => panic!("with {} ({SEED}={plan}) {what}", plan.describe()),
    }
}
