//! Does a full store make everything slower?

use std::time::Instant;

use abide_bench::driver::{self, Answer, Job, Order};
use tokio::task::JoinSet;

use super::{Plain, connection::Connection, envelopes};
use crate::Fault;

/// How many promises are created by one message, and over how many connections.
const BATCH: u64 = 512;
const CONNECTIONS: u64 = 4;

/// Fills the store, and then has promises created and settled.
pub(super) async fn measure(
    plain: &Plain,
    order: &Order,
    prefix: &str,
    count: u64,
) -> Result<Answer, Fault> {
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        let mut connection = Connection::open(plain.address).await?;
        let prefix = prefix.to_owned();
        connections.spawn(async move {
            for begin in (0..count)
                .step_by(BATCH as usize)
                .skip(first as usize)
                .step_by(CONNECTIONS as usize)
            {
                let numbers = begin..count.min(begin + BATCH);
                let creates: Vec<String> = numbers
                    .map(|number| envelopes::create(&format!("{prefix}-s{number}")))
                    .collect();
                connection.batch(&creates).await?;
            }
            std::io::Result::Ok(())
        });
    }
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    let filled = begun.elapsed().as_secs_f64();
    driver::begin()?;
    let settle = Order { job: Job::Settle, ..*order };
    let mut answer = driver::load(plain, &settle, prefix).await?;
    answer.figures.insert("fill_s".into(), filled);
    Ok(answer)
}
