//! Abide's SDK as the subject, whichever engine is behind it.

mod growth;
mod lane;
mod programs;
mod replay;
mod sleepers;

use std::path::PathBuf;

use abide::Abide;
use abide_bench::driver::{Answer, Job, Order, Ready, Subject};

use self::lane::SdkLane;
pub(crate) use self::lane::fault;
use crate::{Fault, server::Server};

/// The group of the worker, for calls that are executions of their own.
pub(crate) const GROUP: &str = "bench";

/// How many executions run at one time, at most.
const CONCURRENCY: usize = 1_024;

/// A worker as the bench has it.
pub(crate) fn worker(abide: Abide) -> Abide {
    abide.group(GROUP).concurrency(CONCURRENCY)
}

/// The SDK, and the server that it talks to if there is one.
pub(crate) struct Sdk {
    abide: Abide,
    ready: Ready,
    data: PathBuf,
    server: Option<Server>,
}

impl Sdk {
    pub(crate) fn new(abide: Abide, ready: Ready, data: PathBuf, server: Option<Server>) -> Self {
        Sdk { abide, ready, data, server }
    }
}

impl Subject for Sdk {
    type Lane = SdkLane;

    fn ready(&self) -> Ready {
        self.ready.clone()
    }

    async fn lane(&self, job: &Job, _: usize) -> Result<SdkLane, Fault> {
        SdkLane::new(&self.abide, *job)
    }

    async fn measure(&mut self, order: &Order, prefix: &str) -> Result<Option<Answer>, Fault> {
        match order.job {
            Job::Replay { steps, from } => {
                let answer = replay::measure(&self.abide, order, prefix, steps, from).await;
                answer.map(Some).map_err(fault)
            }
            Job::Sleepers { count } => {
                sleepers::measure(self, order, prefix, count).await.map(Some)
            }
            Job::Growth { count } => growth::measure(self, order, prefix, count).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn stop(mut self) -> Result<(), Fault> {
        self.abide.close().await;
        if let Some(server) = &mut self.server {
            server.end().await?;
        }
        Ok(())
    }
}
