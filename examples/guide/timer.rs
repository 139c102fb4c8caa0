//! The program of `docs/guide/06-timer.md`.

use std::time::Duration;

use abide::prelude::*;

#[durable]
async fn remind(what: String) -> Result<String> {
    let asked = now().await?; // recorded: the same after a crash
    let done = promise::<bool>().named("done");
    let id = done.id().to_owned();
    for reminder in 1..=3 {
        // A month would cost as much: nothing.
        sleep(Duration::from_millis(500)).await?;
        nag(what.clone(), reminder, id.clone()).await?;
    }
    let late = select! {
        _ = done => false,
        _ = sleep_until(asked + Duration::from_secs(2)) => true,
    };
    Ok(format!("{what}: {}", if late { "given up" } else { "done" }))
}

#[durable]
async fn nag(what: String, reminder: u32, id: String) -> Result<()> {
    println!("reminder {reminder}: {what} (settle {id} when it is done)");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("timer.abide").await?;
    println!("{}", abide.run("remind/1", remind("water the plants".to_owned())).await?);
    Ok(())
}
