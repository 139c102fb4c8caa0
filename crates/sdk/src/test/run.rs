//! One run of a world.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{
    engine::Engine,
    faults::Faults,
    limits::Limits,
    link::SimLink,
    notes::Inside,
    plan::Plan,
    process::{Phase, Process},
    report::Run,
    sim::Sim,
    stuck::Stuck,
};
use crate::{
    Abide,
    clock::{self, virtual_time},
    error::{Error, ErrorKind, Result},
};

/// What a process does in one life.
pub(super) type Main<'a> = Rc<dyn Fn(Abide) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> + 'a>;

/// A process that is started again whenever it has crashed.
#[derive(Clone)]
pub(super) struct Program<'a> {
    pub(super) name: Arc<str>,
    pub(super) main: Main<'a>,
}

/// What is to be run.
pub(super) struct Setting<'a> {
    pub(super) plan: Plan,
    pub(super) faults: Faults,
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    /// The program under test.
    pub(super) main: Program<'a>,
    /// Those that serve.
    pub(super) others: Vec<Program<'a>>,
    /// Whether to tell what has happened even if nothing went wrong.
    pub(super) trace: bool,
}

/// How a run has ended.
pub(super) struct Ended {
    pub(super) run: Run,
    /// Whether the fault of the plan has come.
    pub(super) reached: bool,
    pub(super) failure: Option<Failure>,
}

/// Why a run has failed.
pub(super) enum Failure {
    Panicked(Box<dyn Any + Send>),
    Error(Error),
    Stuck(Stuck),
}

impl Setting<'_> {
    /// Runs it.
    pub(super) fn run(self) -> Ended {
        assert!(
            tokio::runtime::Handle::try_current().is_err(),
            "a World has a runtime of its own: make the test a #[test], not a #[tokio::test]"
        );
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime starts");
        let before = fastrand::get_seed();
        fastrand::seed(self.plan.seed);
        let ended = {
            let _runtime = runtime.enter();
            virtual_time::start();
            let sim = Sim::new(self.plan, self.faults.clone(), self.engine, self.limits);
            let _inside = Inside::of(&sim);
            let began = clock::now();
            let play = AssertUnwindSafe(|| runtime.block_on(self.play(&sim)));
            let failure = match catch_unwind(play) {
                Ok(Ok(())) => None,
                Ok(Err(failure)) => Some(failure),
                Err(panic) => Some(Failure::Panicked(panic)),
            };
            let mut state = sim.state();
            let reached = self.plan.point.is_none_or(|point| state.counts.writes >= point.write);
            let mut run = state.run(began);
            if self.trace || failure.is_some() {
                run.trace = state.trace.text();
            }
            Ended { run, reached, failure }
        };
        drop(runtime);
        virtual_time::stop();
        fastrand::seed(before);
        ended
    }

    async fn play(&self, sim: &Arc<Sim>) -> Result<(), Failure> {
        let others: FuturesUnordered<_> =
            self.others.iter().map(|program| self.live(sim, program)).collect();
        let serve = others.filter_map(|ended| async { ended.err() });
        tokio::pin!(serve);
        tokio::select! {
            biased;
            ended = self.live(sim, &self.main) => ended,
            Some(failure) = serve.next() => Err(failure),
            stuck = sim.operate() => Err(Failure::Stuck(stuck)),
        }
    }

    /// Whether a process has ended because it could not reach the server for too long.
    fn gives_up(&self, error: &Error) -> bool {
        !self.engine.is_embedded() && error.kind() == ErrorKind::Unavailable
    }

    /// Starts a program, again and again, until it ends by itself.
    async fn live(&self, sim: &Arc<Sim>, program: &Program<'_>) -> Result<(), Failure> {
        for life in 1.. {
            let process = Process::new(program.name.clone(), life);
            if self.engine.is_embedded() {
                sim.state().release_all();
            }
            let link = SimLink { sim: sim.clone(), process: process.clone(), engine: self.engine };
            let abide = Abide::new(Arc::new(link)).map_err(Failure::Error)?;
            let main = process.gate((program.main)(abide));
            let phase = tokio::select! {
                biased;
                phase = process.died() => phase,
                ended = main => match ended {
                    Err(error) if self.gives_up(&error) => {
                        let mut state = sim.state();
                        state.say(Some(&process), format!("gives up: {error}"));
                        state.crash(&process);
                        Phase::Dead
                    }
                    ended => return ended.map_err(Failure::Error),
                },
            };
            if phase == Phase::Spinning {
                let why = format!("{process} is polled again and again and asks for nothing");
                return Err(Failure::Stuck(sim.state().stuck(why)));
            }
            let pause = sim.state().restarts_in();
            tokio::time::sleep(pause).await;
            sim.state().say(Some(&process), "is started again");
        }
        unreachable!("nobody lives that often")
    }
}
