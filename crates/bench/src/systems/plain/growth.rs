//! What a promise takes on disk.

use std::time::Instant;

use abide_bench::driver::{Answer, Order};
use tokio::task::JoinSet;

use super::{connection::Connection, envelopes};
use crate::{Fault, server::Server};

pub(super) async fn measure(
    server: &mut Server,
    order: &Order,
    prefix: &str,
    count: u64,
) -> Result<Answer, Fault> {
    let begun = Instant::now();
    let before = server.disk()?;
    let ids = prefix.to_owned();
    fill(server, order, count, move |number| {
        let id = format!("{ids}-{number}");
        vec![envelopes::create(&id), envelopes::settle(&id)]
    })
    .await?;
    let seconds = begun.elapsed().as_secs_f64();
    let each = |bytes: u64| bytes.saturating_sub(before) as f64 / count.max(1) as f64;
    let running = each(server.disk()?);
    // What was in memory and the journal is in tables by then.
    server.restart().await?;
    let restarted = each(server.disk()?);
    let figures = [
        ("settled_promise_disk_bytes".to_owned(), running),
        ("settled_promise_disk_after_restart_bytes".to_owned(), restarted),
    ];
    let figures = figures.into();
    Ok(Answer { operations: count, all: count, seconds, figures, ..Answer::default() })
}

/// Sends the requests for each number, over as many connections as are ordered.
pub(super) async fn fill(
    server: &Server,
    order: &Order,
    count: u64,
    requests: impl Fn(u64) -> Vec<String> + Clone + Send + 'static,
) -> Result<(), Fault> {
    let mut connections = JoinSet::new();
    for first in 0..order.concurrency as u64 {
        let (requests, step) = (requests.clone(), order.concurrency);
        let mut connection = Connection::open(server.address).await?;
        connections.spawn(async move {
            for number in (first..count).step_by(step) {
                for request in requests(number) {
                    connection.post(&request).await?;
                }
            }
            std::io::Result::Ok(())
        });
    }
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    Ok(())
}
