use std::{
    cell::RefCell,
    fmt::Debug,
    future::Future,
    ops::{Range, RangeInclusive},
    panic::resume_unwind,
    pin::Pin,
    rc::Rc,
    time::{Duration, Instant},
};

use super::{
    faults::{Fault, Faults},
    limits::Limits,
    plan::{Plan, Point},
    report::{Report, Run},
    run::{Ended, Failure, Main, Program, Setting},
};
use crate::{Abide, error::Result};

/// Runs one plan only, or one seed: `ABIDE_TEST_SEED=7/12+`.
const SEED: &str = "ABIDE_TEST_SEED";

/// How many seeds [`World::seeds`] tries instead of those it says.
const SEEDS: &str = "ABIDE_TEST_SEEDS";

/// An engine in memory, processes, and what goes wrong between them, under virtual time.
///
/// See the [module](super) for what it is for. A world does nothing until [`run`](Self::run).
#[must_use = "a world does nothing until it is run"]
pub struct World<'a> {
    seeds: Range<u64>,
    points: Points,
    kinds: Vec<Fault>,
    faults: Faults,
    limits: Limits,
    server: bool,
    others: Vec<Program<'a>>,
    check: Option<Check<'a>>,
    same_records: bool,
}

/// What looks at a run that has ended.
type Check<'a> = Box<dyn Fn(&Run) + 'a>;

/// At which writes the faults of a plan come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Points {
    Nowhere,
    At(u64),
    Everywhere,
}

impl Default for World<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> World<'a> {
    /// A world with one process that has its engine within it, as
    /// [`Abide::open`](crate::Abide::open) has, and in which nothing goes wrong.
    pub fn new() -> Self {
        Self::seed(0)
    }

    /// The same, where everything that happens by chance follows from this number.
    pub fn seed(seed: u64) -> Self {
        Self {
            seeds: seed..seed + 1,
            points: Points::Nowhere,
            kinds: Vec::new(),
            faults: Faults::default(),
            limits: Limits::default(),
            server: false,
            others: Vec::new(),
            check: None,
            same_records: false,
        }
    }

    /// Runs once with each of these seeds. `ABIDE_TEST_SEEDS=5000` in the environment runs that
    /// many, from the first one on.
    pub fn seeds(mut self, seeds: Range<u64>) -> Self {
        let many = std::env::var(SEEDS).ok().and_then(|many| many.parse::<u64>().ok());
        self.seeds = many.map_or(seeds.clone(), |many| seeds.start..seeds.start + many);
        self
    }

    /// Has the process that makes a write crash with it, in two runs: before it takes effect, and
    /// after. Writes are counted from 1, those of all processes together.
    pub fn crash_at(self, write: u64) -> Self {
        self.points(Points::At(write), &[Fault::CrashBefore, Fault::CrashAfter])
    }

    /// The same for every write in turn: a run without a crash, and two for each of its writes.
    pub fn crash_at_every_step(self) -> Self {
        self.points(Points::Everywhere, &[Fault::CrashBefore, Fault::CrashAfter])
    }

    /// Has the process that makes a write freeze after it, for some time between 5 seconds and 2
    /// minutes: it may lose its lease, does not know, and goes on.
    pub fn freeze_at(self, write: u64) -> Self {
        self.behind_a_server().points(Points::At(write), &[Fault::Freeze])
    }

    /// The same for every write in turn, a run for each.
    pub fn freeze_at_every_step(self) -> Self {
        self.behind_a_server().points(Points::Everywhere, &[Fault::Freeze])
    }

    fn points(mut self, points: Points, kinds: &[Fault]) -> Self {
        self.points = points;
        self.kinds.extend(kinds);
        self
    }

    /// Lets no process live for longer than this many of its writes: every life ends with a crash.
    /// A life has to be long enough to start the program, to take up its task and to make one step:
    /// 3 will do for most.
    pub fn crash_every(self, writes: u64) -> Self {
        self.with(|faults| faults.crash_every = Some(writes))
    }

    /// Has processes crash with this share of their writes (0 to 1), half of them before the write
    /// takes effect. After 200 crashes in a run there are no more.
    pub fn crash_randomly(self, share: f64) -> Self {
        self.with(|faults| faults.crash = share)
    }

    /// Has processes freeze after this share of their writes (0 to 1).
    pub fn freeze_randomly(self, share: f64) -> Self {
        self.behind_a_server().with(|faults| faults.freeze = share)
    }

    /// Loses this share of all requests (0 to 1): on the way there, or on the way back after it has
    /// taken effect, or it takes effect long after it was given up.
    pub fn lose_requests(self, share: f64) -> Self {
        self.behind_a_server().with(|faults| faults.lose_requests = share)
    }

    /// Loses this share of all messages (0 to 1). The engine sends them again in time.
    pub fn lose_messages(self, share: f64) -> Self {
        self.behind_a_server().with(|faults| faults.lose_messages = share)
    }

    /// Delivers this share of all messages twice (0 to 1), the second time up to 20 seconds later.
    pub fn repeat_messages(self, share: f64) -> Self {
        self.behind_a_server().with(|faults| faults.repeat_messages = share)
    }

    /// Has the server restart instead of taking a request, with this share of them (0 to 1). It is
    /// away for up to half a minute.
    pub fn restart_server(self, share: f64) -> Self {
        self.behind_a_server().with(|faults| faults.restart = share)
    }

    /// How long a request, an answer or a message is on its way; up to 3 milliseconds unless said
    /// otherwise.
    pub fn latency(self, latency: RangeInclusive<Duration>) -> Self {
        self.with(|faults| faults.latency = latency)
    }

    fn with(mut self, change: impl FnOnce(&mut Faults)) -> Self {
        change(&mut self.faults);
        self
    }

    /// Puts the engine into a server of its own, which outlives the crashes of processes, and the
    /// program behind a network, as [`Abide::connect`](crate::Abide::connect) does: requests may
    /// overtake each other, and whoever crashes keeps its tasks until its lease is over.
    pub fn behind_a_server(mut self) -> Self {
        self.server = true;
        self
    }

    /// Adds this many processes that serve the group `default`, as the program itself does.
    pub fn workers(self, processes: usize) -> Self {
        self.group("default", processes)
    }

    /// Adds this many processes that serve a group.
    pub fn group(mut self, group: &str, processes: usize) -> Self {
        for number in 1..=processes {
            let group = group.to_owned();
            self = self.process(&format!("{group}-{number}"), move |abide| {
                let abide = abide.group(&group);
                async move { abide.serve().await }
            });
        }
        self
    }

    /// Adds a process of one's own, that is started again whenever it crashes. If it ends with an
    /// error the run has failed; if it ends without, it stays away.
    pub fn process<F, Fut>(mut self, name: &str, main: F) -> Self
    where
        F: Fn(Abide) -> Fut + 'a,
        Fut: Future<Output = Result<()>> + 'a,
    {
        let main: Main<'a> = Rc::new(move |abide| Box::pin(main(abide)));
        self.others.push(Program { name: name.into(), main });
        self.behind_a_server()
    }

    /// How many requests a run may take before it is given up; 100,000 unless said otherwise.
    pub fn steps(mut self, requests: u64) -> Self {
        self.limits.steps = requests;
        self
    }

    /// For how much virtual time nothing may change before a run is given up; 30 days unless said
    /// otherwise. A timer or a deadline that is still to come is no reason to give up.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.limits.patience = patience;
        self
    }

    /// Looks at every run when it has ended: what was [noted](super::note), what was recorded.
    pub fn check(mut self, check: impl Fn(&Run) + 'a) -> Self {
        self.check = Some(Box::new(check));
        self
    }

    /// Requires that all runs leave the same promises with the same values behind. Not for programs
    /// that depend on time, on chance or on who is first.
    pub fn same_records(mut self) -> Self {
        self.same_records = true;
        self
    }

    /// Runs the program: once for each seed and each fault that was asked for. A process that
    /// crashes is started again, that is `main` is called again with an [`Abide`] of the next life;
    /// the run is over when `main` ends. If it ends because the server cannot be reached
    /// ([`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable)), it is started again too, as a
    /// supervisor of processes would.
    ///
    /// # Panics
    /// When `main` panics or ends with an error, when a run does not end, or when it gives another
    /// result than the runs before. What has happened is printed, with how to repeat just that run.
    pub fn run<T, F, Fut>(self, main: F) -> Report
    where
        F: Fn(Abide) -> Fut + 'a,
        Fut: Future<Output = Result<T>> + 'a,
        T: PartialEq + Debug + 'a,
    {
        let result: Rc<RefCell<Option<T>>> = Rc::default();
        let given = result.clone();
        let main: Main<'a> = Rc::new(move |abide| {
            let (main, given) = (main(abide), given.clone());
            let main = async move {
                let value = main.await?;
                given.replace(Some(value));
                Ok(())
            };
            Box::pin(main) as Pin<Box<dyn Future<Output = Result<()>> + 'a>>
        });
        let main = Program { name: "main".into(), main };
        let mut judge = Judge::new(self, main, result);
        judge.all();
        judge.report
    }
}

/// What a run that went well came to.
struct Ran {
    writes: u64,
    /// Whether the fault of the plan has come.
    reached: bool,
}

/// Runs everything and compares.
struct Judge<'a, T> {
    world: World<'a>,
    main: Program<'a>,
    result: Rc<RefCell<Option<T>>>,
    first: Option<(Plan, T, Run)>,
    report: Report,
}

impl<'a, T: PartialEq + Debug> Judge<'a, T> {
    fn new(world: World<'a>, main: Program<'a>, result: Rc<RefCell<Option<T>>>) -> Self {
        Self { world, main, result, first: None, report: Report::default() }
    }

    fn all(&mut self) {
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
            embedded: !self.world.server,
            limits: self.world.limits,
            main: self.main.clone(),
            others: self.world.others.clone(),
        };
        let ended = setting.run();
        let Ended { run, reached, failure, trace } = ended;
        self.report.add(&run, started.elapsed());
        if let Some(failure) = failure {
            fail(plan, &run, failure, &trace);
        }
        if let Some(check) = &self.world.check {
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&run)));
            if let Err(panic) = checked {
                fail(plan, &run, Failure::Panicked(panic), &trace);
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
        if self.world.same_records && records.records != run.records {
            let only = |these: &Run, those: &Run| {
                let differ = these.records.iter().filter(|record| !those.records.contains(record));
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
fn fail(plan: Plan, run: &Run, failure: Failure, trace: &str) -> ! {
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
         {trace}",
        plan.describe(),
        run.writes,
        run.crashes,
        run.freezes,
        run.virtual_time.as_secs_f64(),
    );
    match failure {
        Failure::Panicked(panic) => resume_unwind(panic),
        _ => panic!("with {} ({SEED}={plan}) {what}", plan.describe()),
    }
}

impl Report {
    fn add(&mut self, run: &Run, real: Duration) {
        self.runs += 1;
        self.crashes += run.crashes;
        self.freezes += run.freezes;
        self.lost += run.lost;
        self.requests += run.requests;
        self.writes += run.writes;
        self.virtual_time += run.virtual_time;
        self.real_time += real;
    }
}
