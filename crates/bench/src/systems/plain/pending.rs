//! Very many pending promises: half of them are tasks of a group that nobody serves.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use abide_bench::driver::{Answer, Order};

use super::{envelopes, growth::fill, stream::Stream};
use crate::{Fault, processes, server::Server};

/// What is on its way at the end is given so long.
const QUIET: Duration = Duration::from_secs(1);

pub(super) async fn measure(
    server: &mut Server,
    order: &Order,
    prefix: &str,
    count: u64,
) -> Result<Answer, Fault> {
    let mut answer = Answer { operations: count, all: count, ..Answer::default() };
    let begun = Instant::now();
    let ids = prefix.to_owned();
    fill(server, order, count, move |number| {
        let id = format!("{ids}-{number}");
        match number % 2 {
            0 => vec![envelopes::create(&id)],
            _ => vec![envelopes::create_for(&id, "poll://any@nobody")],
        }
    })
    .await?;
    answer.seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(QUIET).await;
    let mut figure = |name: &str, figure: f64| answer.figures.insert(name.to_owned(), figure);
    figure("disk_bytes", server.disk()? as f64);
    figure("memory_bytes", memory(server) as f64);
    if server.is_durable() {
        server.restart().await?;
        figure("recovery_ms", server.start_up.as_secs_f64() * 1e3);
        figure("memory_after_recovery_bytes", memory(server) as f64);
        let begun = Instant::now();
        let mut stream = Stream::open(server.address, "nobody", "late").await?;
        stream.next().await?;
        figure("first_task_of_late_worker_ms", begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(answer)
}

fn memory(server: &Server) -> u64 {
    processes::memory(&BTreeSet::from([server.pid()]))
}
