//! A countdown that survives its process.
//!
//! ```sh
//! cargo run --example countdown
//! ```
//!
//! Kill it (Ctrl-C, or `kill -9`) after it printed `3`, and start it again: it prints `2`. What was
//! announced is recorded, and so is the second it waits; it does not even start over while it was
//! dead. Run it once more when it is through: it prints nothing, for `countdown/1` has happened.
//! To see it again, remove the directory `countdown.abide`.

use std::time::Duration;

use abide::prelude::*;

#[durable]
async fn countdown(from: u32) -> Result<()> {
    for n in (1..=from).rev() {
        announce(n).await?; // a durable call: runs, and its result is recorded
        sleep(Duration::from_secs(1)).await?; // a durable timer: nobody has to stay alive for it
    }
    Ok(())
}

#[durable]
async fn announce(n: u32) -> Result<()> {
    println!("{n}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("countdown.abide").await?; // embedded and durable, no server
    abide.run("countdown/1", countdown(5)).await // the id makes it idempotent
}
