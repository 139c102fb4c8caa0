//! The program of `docs/guide/02-crash.md`.

use std::time::Duration;

use abide::prelude::*;

#[durable]
async fn bake() -> Result<String> {
    let dough = stir("flour, water, salt".to_owned()).await?;
    sleep(Duration::from_secs(2)).await?; // it rises, whether we are there or not
    let bread = oven(dough).await?;
    Ok(bread)
}

#[durable]
async fn stir(what: String) -> Result<String> {
    println!("stirring {what}");
    Ok("dough".to_owned())
}

#[durable]
async fn oven(what: String) -> Result<String> {
    println!("baking {what}");
    Ok("bread".to_owned())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("crash.abide").await?;
    println!("{} is ready", abide.run("bake/1", bake()).await?);
    Ok(())
}
