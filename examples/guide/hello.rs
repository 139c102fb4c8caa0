//! The program of `docs/guide/01-hello.md`.

use abide::prelude::*;

#[durable]
async fn greet(name: String) -> Result<String> {
    println!("thinking of a greeting for {name}");
    Ok(format!("Hello, {name}!"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("hello.abide").await?;
    let greeting = abide.run("greet/ada", greet("Ada".to_owned())).await?;
    println!("{greeting}");
    Ok(())
}
