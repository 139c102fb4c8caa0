//! One of the invocations in flight.

use std::{sync::Arc, time::Instant};

use abide_bench::driver::{Fault, Lane, Timing};
use anyhow::Result;
use peer::{SUSPENDED, VALUE, Workload, beyond_sleep};
use serde_json::json;

use crate::system::System;

/// What a handler without input is called with.
const NONE: Option<u64> = None;

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
        let system = &self.system;
        let begun = Instant::now();
        let result = match self.workload {
            Workload::Steps(count) => system.call("steps", Some(count)).await?,
            Workload::Remote => system.call("remote", NONE).await?,
            Workload::Fanout(count) => system.call("fanout", Some(count)).await?,
            Workload::Timer => {
                let result = system.call("timer", NONE).await?;
                return Ok((result, beyond_sleep(begun)));
            }
            Workload::Signal => return self.signal(id).await,
        };
        Ok((result, Timing::Whole))
    }

    async fn signal(&self, id: &str) -> Result<(u64, Timing)> {
        let awakeable = self.system.awakeables().expect(id);
        let workflow = async {
            let result = self.system.call("signal", Some(json!(id))).await?;
            anyhow::Ok((result, Instant::now()))
        };
        let resolution = async {
            let awakeable = awakeable.await?;
            tokio::time::sleep(SUSPENDED).await;
            let begun = Instant::now();
            self.system.resolve(&awakeable, VALUE).await?;
            Ok(begun)
        };
        let ((result, ended), resolved) = tokio::try_join!(workflow, resolution)?;
        Ok((result, Timing::Part(ended - resolved)))
    }
}

impl Lane for Invocation {
    async fn operate(&mut self, id: &str) -> Result<Timing, Fault> {
        let (result, timing) = self.invoke(id).await?;
        self.workload.check(result)?;
        Ok(timing)
    }
}
