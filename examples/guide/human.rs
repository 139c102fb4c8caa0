//! The program of `docs/guide/07-human.md`.

use std::time::Duration;

use abide::prelude::*;

#[durable]
async fn expense(who: String, cents: u64) -> Result<String> {
    let approval = promise::<bool>();
    ask(who.clone(), cents, approval.id().to_owned()).await?;
    let approved = select! {
        decision = approval => decision?,
        _ = sleep(Duration::from_secs(7 * 24 * 3_600)) => false,
    };
    Ok(format!("{who}'s expense is {}", if approved { "approved" } else { "refused" }))
}

#[durable]
async fn ask(who: String, cents: u64, approval: String) -> Result<()> {
    println!("{who} asks for {cents} cents; decide {approval}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("human.abide").await?;
    if let Some(decision) = std::env::args().nth(1) {
        return abide.get("expense/1:1").resolve(&(decision == "yes")).await;
    }
    println!("{}", abide.run("expense/1", expense("Ada".to_owned(), 4_200)).await?);
    Ok(())
}
