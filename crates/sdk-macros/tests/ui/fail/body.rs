use std::rc::Rc;

use abide::prelude::*;

#[durable]
async fn wrong_type(n: u32) -> Result<String> {
    Ok(n)
}

#[durable]
async fn unknown_name() -> Result<u32> {
    let total = 1;
    Ok(totl)
}

#[durable]
async fn held_over_an_await() -> Result<()> {
    let shared = Rc::new(1);
    sleep(std::time::Duration::from_secs(1)).await?;
    drop(shared);
    Ok(())
}

#[durable]
async fn caller() -> Result<u32> {
    let length: usize = callee("a", 1).await?;
    Ok(length)
}

#[durable]
async fn callee(name: String) -> Result<usize> {
    Ok(name.len())
}

fn main() {}
