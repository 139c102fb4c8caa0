//! The workflows, as DBOS's crate has them.

use std::time::Duration;

use abide_bench::driver::SUSPENSION;
use dbos::{DBOS, Result, WorkflowRef};
use futures_util::future::try_join_all;
use peer::{ASKED, Rendezvous};

/// How long a workflow waits for its signal at most.
const SIGNAL: Duration = Duration::from_secs(60);

/// The workflows, to be run.
pub(crate) struct Workflows {
    /// The sum of what so many steps return.
    pub(crate) steps: WorkflowRef<u64, u64>,
    /// What the callee answers.
    pub(crate) remote: WorkflowRef<(), u64>,
    /// The sum of what so many calls at once return.
    pub(crate) fanout: WorkflowRef<u64, u64>,
    /// Sleeps.
    pub(crate) timer: WorkflowRef<(), u64>,
    /// Waits for a message, and returns it.
    pub(crate) signal: WorkflowRef<(), u64>,
    /// Where a workflow that waits for a signal says so.
    pub(crate) waiting: Rendezvous<()>,
}

impl Workflows {
    /// Registers them.
    pub(crate) fn register(dbos: &DBOS) -> Result<Self> {
        let successor = dbos.register_workflow("successor", |number: u64| async move {
            Ok::<_, dbos::Error>(number + 1)
        })?;
        let steps = dbos.register_workflow("steps", steps)?;
        let callee = successor.clone();
        let remote = dbos.register_workflow("remote", move |()| {
            let callee = callee.clone();
            async move { callee.run(ASKED).await }
        })?;
        let callee = successor;
        let fanout =
            dbos.register_workflow("fanout", move |count| fanout(callee.clone(), count))?;
        let timer = dbos.register_workflow("timer", |()| async {
            dbos::sleep(SUSPENSION).await?;
            Ok::<u64, dbos::Error>(0)
        })?;
        let waiting = Rendezvous::default();
        let telling = waiting.clone();
        let signal = dbos.register_workflow("signal", move |()| signal(telling.clone()))?;
        Ok(Workflows { steps, remote, fanout, timer, signal, waiting })
    }
}

async fn steps(count: u64) -> Result<u64> {
    let mut sum = 0;
    for number in 0..count {
        sum += dbos::step("number", move || async move { Ok::<_, dbos::Error>(number) }).await?;
    }
    Ok(sum)
}

/// All calls are made, and then awaited, at once.
async fn fanout(callee: WorkflowRef<u64, u64>, count: u64) -> Result<u64> {
    let answers = try_join_all((0..count).map(|number| callee.run(number))).await?;
    Ok(answers.into_iter().sum())
}

async fn signal(waiting: Rendezvous<()>) -> Result<u64> {
    let message = dbos::recv::<u64, _>(None, SIGNAL);
    if let Some(id) = dbos::workflow_id() {
        waiting.tell(&id, ());
    }
    // A workflow that was never told returns what no signal brings.
    Ok(message.await?.unwrap_or(0))
}
