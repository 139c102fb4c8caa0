//! The program of `docs/guide/10-upgrade.md`.

use std::time::Duration;

use abide::prelude::*;

/// As it was: executions that began with it end with it.
#[durable(name = "welcome", version = 1)]
async fn welcome_1(name: String) -> Result<String> {
    sleep(Duration::from_secs(2)).await?;
    say(format!("Welcome, {name}")).await
}

/// As it is now: it makes other calls, so it is another version.
#[durable(name = "welcome", version = 2)]
async fn welcome(name: String) -> Result<String> {
    let present = say(format!("A cake for {name}")).await?;
    sleep(Duration::from_secs(1)).await?;
    Ok(format!("{present}! {}", say(format!("Welcome, {name}")).await?))
}

#[durable]
async fn say(text: String) -> Result<String> {
    println!("saying {text:?}");
    Ok(text)
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("upgrade.abide").await?;
    if std::env::args().nth(1).as_deref() == Some("old") {
        println!("{}", abide.run("welcome/ada", welcome_1("Ada".to_owned())).await?);
        return Ok(());
    }
    // It began under version 1 and ends under it; who comes now is welcomed by version 2.
    println!("{}", abide.get::<String>("welcome/ada").await?);
    println!("{}", abide.run("welcome/grace", welcome("Grace".to_owned())).await?);
    Ok(())
}
