//! One function over many processes.
//!
//! ```sh
//! abide dev &                                  # a server, in this or another terminal
//! cargo run --example fan_out worker &         # a worker; start two or more of them
//! cargo run --example fan_out worker &
//! cargo run --example fan_out                  # counts the primes below two million
//! ```
//!
//! Each worker prints what it takes. Kill one of them in the middle (`kill -9`): what it had taken
//! is done by the others when its lease of three seconds is over. Kill the counting program and
//! start it again: it goes on with what is missing. Start it with no worker: it waits for one.

use std::time::Duration;

use abide::prelude::*;
use futures_util::future::try_join_all;

/// Numbers that one call looks at.
const PART: u64 = 50_000;

#[durable]
async fn count(below: u64) -> Result<usize> {
    let parts = (0..below).step_by(PART as usize).map(|from| primes(from, from + PART));
    Ok(try_join_all(parts).await?.into_iter().sum())
}

#[durable(on = "primes")]
async fn primes(from: u64, to: u64) -> Result<usize> {
    println!("process {} looks at {from} to {to}", std::process::id());
    let counted = tokio::task::spawn_blocking(move || (from..to).filter(|n| is_prime(*n)).count());
    Ok(counted.await?)
}

fn is_prime(n: u64) -> bool {
    n > 1 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("ABIDE_URL").unwrap_or_else(|_| "http://localhost:8001".to_owned());
    let abide = Abide::connect(&url).await?;
    if std::env::args().nth(1).as_deref() == Some("worker") {
        // Two at a time, so that there is something left for the others.
        let worker = abide.group("primes").concurrency(2).lease(Duration::from_secs(3));
        return worker.serve().await;
    }
    let found = abide.run("count/2000000", count(2_000_000)).await?;
    println!("there are {found} primes below two million");
    Ok(())
}
