use std::{
    cell::RefCell,
    fmt::Debug,
    future::Future,
    ops::{Range, RangeInclusive},
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use super::{
    engine::Engine,
    faults::{Fault, Faults},
    judge::Judge,
    limits::Limits,
    report::{Report, Run},
    run::{Main, Program},
};
use crate::{Abide, error::Result};

/// How many seeds [`World::seeds`] tries instead of those it says.
const SEEDS: &str = "ABIDE_TEST_SEEDS";

/// An engine in memory, processes, and what goes wrong between them, under virtual time.
///
/// See the [module](super) for what it is for. A world does nothing until [`run`](Self::run).
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use abide::{prelude::*, test::World};
///
/// #[durable]
/// async fn stamp(letter: u32) -> Result<u32> {
///     sleep(Duration::from_secs(3_600)).await?;
///     Ok(letter)
/// }
///
/// // What goes wrong at every step, one thing at a time.
/// World::new().crash_at_every_step().same_records().run(|abide| async move {
///     abide.run("letter/1", stamp(1)).await
/// });
///
/// // What goes wrong by chance, between processes and a server.
/// let report = World::new()
///     .seeds(0..5)
///     .behind_a_server()
///     .workers(2)
///     .latency(Duration::from_millis(1)..=Duration::from_millis(200))
///     .crash_randomly(0.05)
///     .lose_requests(0.05)
///     .restart_server(0.01)
///     .check(|run| assert!(run.virtual_time >= Duration::from_secs(3_600)))
///     .run(|abide| async move { abide.run("letter/1", stamp(1)).await });
/// assert_eq!(report.runs, 5);
/// ```
#[must_use = "a world does nothing until it is run"]
pub struct World<'a> {
    pub(super) seeds: Range<u64>,
    pub(super) points: Points,
    pub(super) kinds: Vec<Fault>,
    pub(super) faults: Faults,
    pub(super) limits: Limits,
    pub(super) engine: Engine,
    pub(super) others: Vec<Program<'a>>,
    pub(super) check: Option<Check<'a>>,
    pub(super) same_records: bool,
    pub(super) traces: bool,
}

/// What looks at a run that has ended.
pub(super) type Check<'a> = Box<dyn Fn(&Run) + 'a>;

/// At which writes the faults of a plan come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Points {
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
            engine: Engine::default(),
            others: Vec::new(),
            check: None,
            same_records: false,
            traces: false,
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
    /// program behind a network, as [`Abide::connect`](crate::Abide::connect) does: requests of
    /// different executions may overtake each other, and whoever crashes keeps its tasks until its
    /// lease is over.
    pub fn behind_a_server(mut self) -> Self {
        if self.engine.is_embedded() {
            self.engine = Engine::Server;
        }
        self
    }

    /// The same with a server that offers none of Abide's extensions of the protocol: every request
    /// travels alone there, and may overtake others.
    pub fn behind_a_plain_server(mut self) -> Self {
        self.engine = Engine::PlainServer;
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
    ///
    /// ```standalone_crate
    /// # use abide::{prelude::*, test::World};
    /// # use std::time::Duration;
    /// #[durable]
    /// async fn trim(hedge: u32) -> Result<u32> {
    ///     Ok(hedge - 1)
    /// }
    ///
    /// World::new()
    ///     .process("gardener", |abide| async move {
    ///         abide.group("garden").concurrency(1).serve().await
    ///     })
    ///     .freeze_at_every_step()
    ///     .run(|abide| async move { abide.run("trim/1", trim(9).on("garden")).await });
    /// ```
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

    /// For how much virtual time nothing may change before a run is given up; 24 hours unless said
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

    /// Keeps what has happened in every run, for [`Run::trace`]. A run that fails prints it anyway.
    pub fn traces(mut self) -> Self {
        self.traces = true;
        self
    }

    /// Requires that all runs leave the same settled promises with the same values behind: the same
    /// calls, each under the same id. (Behind a server the ids may differ, since the records of
    /// calls that are made at once overtake each other there.) Not for programs that depend on
    /// time, on chance or on who is first.
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
