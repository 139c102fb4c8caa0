//! What very many sleeping executions take.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use abide_bench::driver::{Answer, Order};
use tokio::task::JoinSet;

use super::{Sdk, lane::fault, programs::sleeper};
use crate::{Fault, processes, server};

/// Once they sleep, what is still on its way is given so long.
const QUIET: Duration = Duration::from_secs(2);

/// Starts so many, and looks at the memory before and after.
pub(super) async fn measure(
    sdk: &Sdk,
    order: &Order,
    prefix: &str,
    count: u64,
) -> Result<Answer, Fault> {
    // With the default budget for suspended executions that stay in memory: those beyond it are
    // what is looked at.
    let (before, begun) = (memory(sdk), Instant::now());
    let mut starters = JoinSet::new();
    for first in 0..order.concurrency as u64 {
        let (abide, prefix, step) = (sdk.abide.clone(), prefix.to_owned(), order.concurrency);
        starters.spawn(async move {
            for number in (first..count).step_by(step) {
                abide.start(&format!("{prefix}-{number}"), sleeper()).await?;
            }
            abide::Result::Ok(())
        });
    }
    while let Some(started) = starters.join_next().await {
        started?.map_err(fault)?;
    }
    let mut answer = Answer { operations: count, all: count, ..Answer::default() };
    answer.seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(QUIET).await;
    for (role, bytes) in memory(sdk) {
        let more = bytes.saturating_sub(before.get(&role).copied().unwrap_or_default());
        answer.figures.insert(format!("{role}_bytes"), bytes as f64);
        answer.figures.insert(format!("{role}_each_bytes"), more as f64 / count.max(1) as f64);
    }
    answer.figures.insert("disk_bytes".into(), server::disk(&sdk.data)? as f64);
    Ok(answer)
}

/// The memory of the processes, by what they are for.
fn memory(sdk: &Sdk) -> BTreeMap<String, u64> {
    let each = |(role, pids): (&String, &Vec<u32>)| {
        let pids: BTreeSet<u32> = pids.iter().copied().collect();
        (role.clone(), processes::memory(&pids))
    };
    sdk.ready.pids.iter().map(each).collect()
}
