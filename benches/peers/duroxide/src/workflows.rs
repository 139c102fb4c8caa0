//! The workflows, as duroxide has them: an activity is a step, a sub-orchestration a remote call.

use abide_bench::driver::SUSPENSION;
use duroxide::{
    ActivityContext, OrchestrationContext, OrchestrationRegistry,
    runtime::registry::ActivityRegistry,
};
use peer::{ASKED, Rendezvous};

type Output = Result<String, String>;

/// The queue that a workflow's signal comes by.
pub(crate) const SIGNALS: &str = "signals";

/// What steps do.
pub(crate) fn activities() -> ActivityRegistry {
    ActivityRegistry::builder()
        .register("number", |_: ActivityContext, number: String| async move { Ok(number) })
        .build()
}

/// The workflows. One that waits for a signal says so, by its id.
pub(crate) fn orchestrations(waiting: Rendezvous<()>) -> OrchestrationRegistry {
    OrchestrationRegistry::builder()
        .register("steps", steps)
        .register("successor", successor)
        .register("remote", async |context: OrchestrationContext, _: String| -> Output {
            context.schedule_sub_orchestration("successor", ASKED.to_string()).await
        })
        .register("fanout", fanout)
        .register("timer", async |context: OrchestrationContext, _: String| -> Output {
            context.schedule_timer(SUSPENSION).await;
            Ok("0".to_owned())
        })
        .register("signal", move |context: OrchestrationContext, _: String| {
            let waiting = waiting.clone();
            async move {
                let signal = context.dequeue_event(SIGNALS);
                waiting.tell(&context.instance_id(), ());
                Ok(signal.await)
            }
        })
        .build()
}

/// The sum of what so many steps return.
async fn steps(context: OrchestrationContext, count: String) -> Output {
    let mut sum = 0;
    for number in 0..parse(&count)? {
        sum += parse(&context.schedule_activity("number", number.to_string()).await?)?;
    }
    Ok(sum.to_string())
}

/// What is called by others.
async fn successor(_: OrchestrationContext, number: String) -> Output {
    Ok((parse(&number)? + 1).to_string())
}

/// The sum of what so many calls at once return.
async fn fanout(context: OrchestrationContext, count: String) -> Output {
    let calls = (0..parse(&count)?)
        .map(|number| context.schedule_sub_orchestration("successor", number.to_string()))
        .collect();
    let mut sum = 0;
    for answer in context.join(calls).await {
        sum += parse(&answer?)?;
    }
    Ok(sum.to_string())
}

fn parse(number: &str) -> Result<u64, String> {
    number.parse().map_err(|error| format!("{number:?}: {error}"))
}
