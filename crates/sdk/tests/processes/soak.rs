//! A worker that executes much, and does not grow.

use abide::prelude::*;
use futures_util::{StreamExt, stream};

use crate::{
    functions::varied,
    process::{Process, Workers},
    server,
};

/// Executions in each half, and how many at one time.
const HALF: u32 = 1_200;
const AT_ONCE: usize = 32;

/// By how much it may grow in the second half, in KiB. If it remembered 1 KiB of each execution,
/// it would be more.
const GROWTH: u64 = 1_024;

async fn execute(client: &Abide, numbers: std::ops::Range<u32>) {
    let runs = stream::iter(numbers).map(|n| async move {
        let result =
            client.run(&format!("soak-{n}"), varied(n, "soak".to_owned()).on("soak")).await;
        assert_eq!(result.is_err(), n % 6 == 4, "{n}: {result:?}");
    });
    runs.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// The memory that a process uses, in KiB.
fn memory(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_worker_does_not_grow() -> Result<()> {
    let url = server::start().await;
    let workers = Workers::new(&url, "soak", 30_000);
    let worker = workers.start().await;
    let client = Abide::connect(&url).await?;
    execute(&client, 0..HALF).await;
    let before = memory(&worker);
    execute(&client, HALF..2 * HALF).await;
    let after = memory(&worker);
    println!("{before} KiB, then {after} KiB");
    assert!(after < before + GROWTH, "{before} KiB, then {after} KiB");
    Ok(())
}
