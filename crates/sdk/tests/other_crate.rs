//! Durable functions of another crate: called as they are, and by name.

use abide::prelude::*;
use abide_elsewhere::greetings::greet;

#[durable]
async fn both(name: String) -> Result<(String, u32)> {
    try_join!(greet(name), rpc::<u32>("elsewhere/age", 41).on("default"))
}

#[tokio::test]
async fn they_are_linked_and_found() -> Result<()> {
    let abide = Abide::memory().await?;
    assert_eq!(abide.run("greet", greet("Ada".into())).await?, "hello Ada, 37");
    let (greeting, age) = abide.run("both", both("Bob".into())).await?;
    assert_eq!((greeting.as_str(), age), ("hello Bob, 37", 42));
    Ok(())
}
