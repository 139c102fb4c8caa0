//! The program of `docs/guide/05-fan-out.md`.

use abide::prelude::*;
use futures_util::future::try_join_all;

#[durable]
async fn total(below: u64) -> Result<u64> {
    let parts = (0..below).step_by(100).map(|from| sum(from, (from + 100).min(below)));
    Ok(try_join_all(parts).await?.into_iter().sum())
}

#[durable]
async fn sum(from: u64, to: u64) -> Result<u64> {
    println!("adding {from} to {to}");
    Ok((from..to).sum())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("fan_out.abide").await?;
    println!("{}", abide.run("total/1000", total(1_000)).await?);
    Ok(())
}
