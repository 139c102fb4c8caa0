//! The program of `docs/guide/09-long-loop.md`.

use abide::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    next: u64,
    total: u64,
}

#[durable]
async fn sum(below: u64) -> Result<u64> {
    let mut progress = saved(Progress::default()).await?;
    while progress.next < below {
        let value = fetch(progress.next).await?;
        progress.total += value;
        progress.next += 1;
        progress.save().await?; // a restart begins here, whatever came before
    }
    Ok(progress.total)
}

#[durable]
async fn fetch(n: u64) -> Result<u64> {
    if n.is_multiple_of(500) {
        println!("fetching {n}");
    }
    Ok(n)
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("long_loop.abide").await?;
    println!("{}", abide.run("sum/2000", sum(2_000)).await?);
    Ok(())
}
