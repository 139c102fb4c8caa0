//! How a server starts, and what it takes when it does nothing.

use std::{collections::BTreeSet, time::Duration};

use abide_bench::driver::{Answer, Histogram};

use crate::{Fault, processes, server::Server};

/// How often it is started.
const STARTS: u64 = 5;

/// How long it then does nothing.
const IDLE: Duration = Duration::from_secs(2);

pub(super) async fn measure(server: &mut Server) -> Result<Answer, Fault> {
    let mut latency_us = Histogram::default();
    for _ in 0..STARTS {
        server.restart().await?;
        latency_us.add(server.start_up);
    }
    let pids = BTreeSet::from([server.pid()]);
    let before = processes::usage(&pids);
    tokio::time::sleep(IDLE).await;
    let used = processes::usage(&pids) - before;
    let figures = [
        ("start_up_ms".to_owned(), latency_us.quantile(0.5).as_secs_f64() * 1e3),
        ("idle_bytes".to_owned(), processes::memory(&pids) as f64),
        ("idle_cpu_percent".to_owned(), 100.0 * used.cpu_seconds / IDLE.as_secs_f64()),
    ];
    let figures = figures.into();
    Ok(Answer { operations: STARTS, all: STARTS, latency_us, figures, ..Answer::default() })
}
