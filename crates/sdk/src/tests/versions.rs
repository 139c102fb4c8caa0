//! Two versions of a function in one program: what was begun ends with the code it was begun with.

use super::link::{Process, engine};
use crate::prelude::*;

#[durable]
async fn quote(price: u64) -> Result<u64> {
    Ok(price)
}

#[durable(name = "checkout", version = 1)]
async fn first_checkout() -> Result<String> {
    let price = quote(100).await?;
    promise::<()>().named("paid").await?;
    Ok(format!("first, {price}"))
}

#[durable(name = "checkout", version = 2)]
async fn checkout() -> Result<String> {
    promise::<()>().named("paid").await?;
    let (price, tax) = try_join!(quote(200), quote(38))?;
    Ok(format!("second, {}", price + tax))
}

#[tokio::test]
async fn an_old_execution_ends_with_the_old_code() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    abide.start("old", first_checkout()).await.unwrap();
    while abide.get::<u64>("old:1").await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(abide);

    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    abide.start("new", checkout()).await.unwrap();
    for promise in ["old:2", "new:1"] {
        while abide.get::<()>(promise).resolve(&()).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(abide.run("old", first_checkout()).await.unwrap(), "first, 100");
    assert_eq!(abide.run("new", checkout()).await.unwrap(), "second, 238");
}
