//! One of the invocations in flight.

use std::{sync::Arc, time::Instant};

use abide_bench::driver::{Fault, Lane, Timing};
use anyhow::Result;
use dbos::StartOptions;
use peer::{SUSPENDED, VALUE, Workload, beyond_sleep};

use crate::subject::System;

/// Invokes the same workflow over and over.
pub(crate) struct Invocation {
    system: Arc<System>,
    workload: Workload,
}

impl Invocation {
    pub(crate) fn new(system: Arc<System>, workload: Workload) -> Self {
        Invocation { system, workload }
    }

    async fn invoke(&self, id: &str) -> Result<(u64, Timing)> {
        let workflows = &self.system.workflows;
        let begun = Instant::now();
        let result = match self.workload {
            Workload::Steps(count) => workflows.steps.run(count).await?,
            Workload::Remote => workflows.remote.run(()).await?,
            Workload::Fanout(count) => workflows.fanout.run(count).await?,
            Workload::Timer => {
                let result = workflows.timer.run(()).await?;
                return Ok((result, beyond_sleep(begun)));
            }
            Workload::Signal => return self.signal(id).await,
        };
        Ok((result, Timing::Whole))
    }

    async fn signal(&self, id: &str) -> Result<(u64, Timing)> {
        let System { workflows, dbos, .. } = &*self.system;
        let waiting = workflows.waiting.expect(id);
        let options = StartOptions { workflow_id: Some(id), ..StartOptions::default() };
        let handle = workflows.signal.start_with((), options).await?;
        waiting.await?;
        tokio::time::sleep(SUSPENDED).await;
        let result = tokio::spawn(async move { (handle.result().await, Instant::now()) });
        let begun = Instant::now();
        dbos.send(id, &VALUE).await?;
        let (result, ended) = result.await?;
        Ok((result?, Timing::Part(ended - begun)))
    }
}

impl Lane for Invocation {
    async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
        let (result, timing) = self.invoke(id).await?;
        self.workload.check(result)?;
        Ok(timing)
    }
}
