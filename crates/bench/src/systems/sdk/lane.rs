use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use abide::prelude::*;
use abide_bench::driver::{Job, Lane, SUSPENSION, Timing, Unsupported};

use super::programs::{self, Told, charge, fan_out, late, note, signal, steps, timer};
use crate::Fault;

/// An execution that was told to wait is suspended after so long, on an idle machine.
const SUSPENDED: Duration = Duration::from_millis(5);

/// How long it is tried to settle a promise whose creation is on its way.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct SdkLane {
    abide: Abide,
    job: Job,
}

impl SdkLane {
    pub(super) fn new(abide: &Abide, job: Job) -> Result<Self, Fault> {
        match job {
            Job::Create
            | Job::Settle
            | Job::Life
            | Job::Steps { .. }
            | Job::Remote
            | Job::Fanout { .. }
            | Job::Timer
            | Job::Late
            | Job::Signal => Ok(SdkLane { abide: abide.clone(), job }),
            _ => Err(Unsupported::because("it is measured through the plain protocol")),
        }
    }
}

impl Lane for SdkLane {
    async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
        self.carry_out(id).await.map_err(fault)
    }
}

impl SdkLane {
    async fn carry_out(&self, id: &str) -> abide::Result<Timing> {
        let abide = &self.abide;
        match self.job {
            Job::Create => {
                abide.promises().create::<String>(id).param(&note()).await?;
            }
            Job::Settle => {
                let promise = abide.promises().create::<String>(id).param(&note()).await?;
                promise.resolve(&note()).await?;
            }
            // An execution that calls nothing: its task is created with it, held and fulfilled.
            Job::Life => {
                abide.run(id, charge(1, note())).await?;
            }
            Job::Steps { steps: count } => {
                abide.run(id, steps(count)).await?;
            }
            Job::Remote => {
                abide.run(id, fan_out(1)).await?;
            }
            Job::Fanout { calls } => {
                abide.run(id, fan_out(calls)).await?;
            }
            Job::Timer => {
                let begun = Instant::now();
                abide.run(id, timer()).await?;
                return Ok(Timing::Part(begun.elapsed().saturating_sub(SUSPENSION)));
            }
            Job::Late => {
                let due = SystemTime::now() + SUSPENSION;
                let due = due.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
                let micros = abide.run(id, late(u64::try_from(due).unwrap_or(u64::MAX))).await?;
                return Ok(Timing::Part(Duration::from_micros(micros)));
            }
            _ => return self.signal(id).await,
        }
        Ok(Timing::Whole)
    }

    async fn signal(&self, id: &str) -> abide::Result<Timing> {
        let mut told = programs::listen(id);
        let execution = self.abide.start(id, signal(id.to_owned())).await?;
        let (_, external) = heard(told.recv().await)?;
        programs::leave(id);
        tokio::time::sleep(SUSPENDED).await;
        let begun = resolve(&self.abide, &external).await?;
        execution.await?;
        Ok(Timing::Part(begun.elapsed()))
    }
}

/// Resolves a promise, and says when that was asked for.
pub(super) async fn resolve(abide: &Abide, id: &str) -> abide::Result<Instant> {
    let until = Instant::now() + PATIENCE;
    loop {
        let begun = Instant::now();
        match abide.promises().resolve(id, &7u32).await {
            // Its creation travels with what follows it.
            Err(error) if error.code() == "not_found" && begun < until => {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            outcome => return outcome.map(|_| begun),
        }
    }
}

/// What an execution has told.
pub(super) fn heard(told: Option<Told>) -> abide::Result<Told> {
    told.ok_or_else(|| Error::application("nobody tells the id of the promise"))
}

/// An error of the SDK as one of the driver.
pub(crate) fn fault(error: Error) -> Fault {
    format!("{error}").into()
}
