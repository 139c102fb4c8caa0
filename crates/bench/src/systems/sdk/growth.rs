//! What recorded steps take on disk, and what is left of them behind save points.

use std::time::{Duration, Instant};

use abide_bench::driver::{Answer, Order};
use tokio::task::JoinSet;

use super::{
    Sdk,
    lane::fault,
    programs::{history, saved_history},
};
use crate::{Fault, server};

/// How many steps one execution makes.
const EACH: u32 = 10_000;

/// What is deleted behind save points is given so long to go.
const RECLAIMED: Duration = Duration::from_secs(5);

/// Makes so many steps with save points and then as many without them. The other way round, what is
/// compacted of the first would be taken for what the second has saved.
pub(super) async fn measure(
    sdk: &Sdk,
    order: &Order,
    prefix: &str,
    count: u64,
) -> Result<Answer, Fault> {
    let begun = Instant::now();
    let mut answer = Answer::default();
    for (name, saving) in [("saved", true), ("plain", false)] {
        let before = server::disk(&sdk.data)?;
        let executions = count.div_ceil(u64::from(EACH));
        let mut running = JoinSet::new();
        for first in 0..order.concurrency as u64 {
            let (abide, prefix, step) =
                (sdk.abide.clone(), format!("{prefix}-{name}"), order.concurrency);
            running.spawn(async move {
                for number in (first..executions).step_by(step) {
                    let (id, root) = (format!("{prefix}-{number}"), String::new());
                    match saving {
                        true => abide.run(&id, saved_history(root, EACH, 0)).await?,
                        false => abide.run(&id, history(root, EACH, 0)).await?,
                    };
                }
                abide::Result::Ok(())
            });
        }
        while let Some(ended) = running.join_next().await {
            ended?.map_err(fault)?;
        }
        tokio::time::sleep(RECLAIMED).await;
        let made = executions * u64::from(EACH);
        answer.operations += made;
        let each = server::disk(&sdk.data)?.saturating_sub(before) as f64 / made as f64;
        answer.figures.insert(format!("{name}_step_disk_bytes"), each);
    }
    answer.all = answer.operations;
    answer.seconds = begun.elapsed().as_secs_f64();
    Ok(answer)
}
