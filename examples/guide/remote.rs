//! The program of `docs/guide/04-remote.md`.

use abide::prelude::*;

#[durable]
async fn newsletter(topic: String) -> Result<String> {
    // By function, when its code is part of this program; `rpc` takes any function by its name.
    let text = write(topic).on("writers").await?;
    let length = rpc::<usize>("measure", (text.clone(),)).on("writers").await?;
    Ok(format!("{text} ({length} letters)"))
}

#[durable]
async fn write(topic: String) -> Result<String> {
    println!("process {} writes about {topic}", std::process::id());
    Ok(format!("All about {topic}"))
}

#[durable]
async fn measure(text: String) -> Result<usize> {
    Ok(text.chars().count())
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("ABIDE_URL").unwrap_or_else(|_| "http://localhost:8001".to_owned());
    let abide = Abide::connect(&url).await?;
    if std::env::args().nth(1).as_deref() == Some("worker") {
        return abide.group("writers").serve().await;
    }
    println!("{}", abide.run("newsletter/1", newsletter("tea".to_owned())).await?);
    Ok(())
}
