//! Duroxide, as the bench sees it.

use std::sync::Arc;

use abide_bench::driver::{Fault, Job, Ready, Subject};
use anyhow::Result;
use duroxide::runtime::RuntimeOptions;
use peer::Workload;

use crate::{invocation::Invocation, store::Store, system::System};

/// Duroxide, running.
pub(crate) struct Duroxide {
    system: Arc<System>,
    durability: String,
}

impl Duroxide {
    /// Starts it on this store.
    pub(crate) async fn start(store: Store, options: RuntimeOptions) -> Result<Self> {
        let durability = format!(
            "{}; idle dispatchers poll every {} ms",
            store.durability().await?,
            options.dispatcher_min_poll_interval.as_millis()
        );
        let system = Arc::new(System::start(store, options).await);
        Ok(Duroxide { system, durability })
    }
}

impl Subject for Duroxide {
    type Lane = Invocation;

    fn ready(&self) -> Ready {
        Ready::new("duroxide", peer::version("duroxide"), &self.durability)
            .with("worker", std::process::id())
    }

    async fn lane(&self, job: &Job, number: usize) -> Result<Invocation, Fault> {
        let workload = Workload::of(job)?;
        if number == 0 {
            self.system.store.apply().await?;
        }
        Ok(Invocation::new(self.system.clone(), workload))
    }

    async fn stop(self) -> Result<(), Fault> {
        self.system.runtime.clone().shutdown(None).await;
        Ok(())
    }
}
