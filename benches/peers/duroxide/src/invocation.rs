//! One of the invocations in flight.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use abide_bench::driver::{Fault, Lane, Timing};
use anyhow::{Result, bail};
use duroxide::OrchestrationStatus;
use peer::{SUSPENDED, VALUE, Workload, beyond_sleep};

use crate::{system::System, workflows::SIGNALS};

/// How long a workflow may take.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let begun = Instant::now();
        let (name, input) = match self.workload {
            Workload::Steps(count) => ("steps", count),
            Workload::Remote => ("remote", 0),
            Workload::Fanout(count) => ("fanout", count),
            Workload::Timer => ("timer", 0),
            Workload::Signal => return self.signal(id).await,
        };
        self.system.client.start_orchestration(id, name, input.to_string()).await?;
        let result = self.result(id).await?;
        let timing = match self.workload {
            Workload::Timer => beyond_sleep(begun),
            _ => Timing::Whole,
        };
        Ok((result, timing))
    }

    async fn signal(&self, id: &str) -> Result<(u64, Timing)> {
        let client = &self.system.client;
        let waiting = self.system.waiting.expect(id);
        client.start_orchestration(id, "signal", "").await?;
        waiting.await?;
        tokio::time::sleep(SUSPENDED).await;
        let begun = Instant::now();
        client.enqueue_event(id, SIGNALS, VALUE.to_string()).await?;
        let result = self.result(id).await?;
        Ok((result, Timing::Part(begun.elapsed())))
    }

    async fn result(&self, id: &str) -> Result<u64> {
        match self.system.client.wait_for_orchestration(id, PATIENCE).await? {
            OrchestrationStatus::Completed { output, .. } => Ok(output.parse()?),
            OrchestrationStatus::Failed { details, .. } => {
                bail!("a workflow failed: {}", details.display_message())
            }
            status => bail!("a workflow is still {status:?}"),
        }
    }
}

impl Lane for Invocation {
    async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
        let (result, timing) = self.invoke(id).await?;
        self.workload.check(result)?;
        Ok(timing)
    }
}
