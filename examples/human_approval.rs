//! A person decides, in their own time, and the function waits without a process.
//!
//! ```sh
//! abide serve --data approvals &                       # in this or another terminal
//! cargo run --example human_approval
//! abide promise resolve expense/1:1 --value true       # or false
//! ```
//!
//! Kill the program while it waits, even the server (it is durable), and start them again: the
//! question stays open, under the same id. Decide while the program is dead: the decision is there
//! when it comes back. Without the command line, the same by HTTP (the value is base64 of JSON,
//! `dHJ1ZQ==` is `true`):
//!
//! ```sh
//! curl -s localhost:8001 -d '{"kind":"promise.settle","head":{"corrId":"1","version":"2026-04-01"},
//!   "data":{"id":"expense/1:1","state":"resolved","value":{"data":"dHJ1ZQ=="}}}'
//! ```

use std::time::Duration;

use abide::prelude::*;

#[durable]
async fn expense(who: String, cents: u64) -> Result<String> {
    let approval = promise::<bool>();
    notify(who.clone(), cents, approval.id()).await?;
    // Nobody has to decide today; but after a week, no answer is an answer.
    let approved = select! {
        decision = approval => decision?,
        _ = sleep(Duration::from_secs(7 * 24 * 3_600)) => false,
    };
    Ok(format!("{who}'s expense is {}", if approved { "approved" } else { "refused" }))
}

#[durable]
async fn notify(who: String, cents: u64, approval: String) -> Result<()> {
    println!("{who} asks for {cents} cents: abide promise resolve {approval} --value true");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("ABIDE_URL").unwrap_or_else(|_| "http://localhost:8001".to_owned());
    let abide = Abide::connect(&url).await?;
    let decision = abide.run("expense/1", expense("Ada".to_owned(), 4_200)).await?;
    println!("{decision}");
    Ok(())
}
