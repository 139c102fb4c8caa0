//! The workflows, as Restate's Rust SDK has them.

use abide_bench::driver::SUSPENSION;
use peer::{ASKED, Rendezvous};
use restate_sdk::prelude::*;

/// What is called by others.
pub(crate) struct Callee;

#[restate_sdk::service]
impl Callee {
    #[handler]
    async fn successor(&self, _ctx: Context<'_>, number: u64) -> Result<u64, HandlerError> {
        Ok(number + 1)
    }
}

/// The workflows.
pub(crate) struct Bench {
    /// Where a workflow that waits for a signal tells the id of its awakeable.
    pub(crate) awakeables: Rendezvous<String>,
}

#[restate_sdk::service]
impl Bench {
    /// The sum of what so many steps return.
    #[handler]
    async fn steps(&self, ctx: Context<'_>, count: u64) -> Result<u64, HandlerError> {
        let mut sum = 0;
        for number in 0..count {
            sum += ctx.run(move || async move { Ok(number) }).await?;
        }
        Ok(sum)
    }

    /// What the callee answers.
    #[handler]
    async fn remote(&self, ctx: Context<'_>) -> Result<u64, HandlerError> {
        Ok(ctx.service_client::<CalleeClient>().successor(ASKED).call().await?)
    }

    /// The sum of what so many calls at once return.
    #[handler]
    async fn fanout(&self, ctx: Context<'_>, count: u64) -> Result<u64, HandlerError> {
        let calls: Vec<_> = (0..count)
            .map(|number| ctx.service_client::<CalleeClient>().successor(number).call())
            .collect();
        let mut sum = 0;
        for call in calls {
            sum += call.await?;
        }
        Ok(sum)
    }

    /// Sleeps.
    #[handler]
    async fn timer(&self, ctx: Context<'_>) -> Result<u64, HandlerError> {
        ctx.sleep(SUSPENSION).await?;
        Ok(0)
    }

    /// Waits for its awakeable, and returns what it was resolved with.
    #[handler]
    async fn signal(&self, ctx: Context<'_>, name: String) -> Result<u64, HandlerError> {
        let (id, value) = ctx.awakeable::<u64>();
        self.awakeables.tell(&name, id);
        Ok(value.await?)
    }
}
