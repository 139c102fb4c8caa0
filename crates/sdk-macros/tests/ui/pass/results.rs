//! Results by any alias, with any error.
#![deny(warnings)]

use abide::{Call, durable};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub enum ShopError {
    Closed,
    Abide(abide::Error),
}


impl From<abide::Error> for ShopError {
    fn from(error: abide::Error) -> Self {
        Self::Abide(error)
    }
}

type Result<T> = std::result::Result<T, ShopError>;
type Shopped = Result<u32>;

#[durable(retry = abide::Retry::never())]
async fn by_an_alias_of_the_same_name() -> Result<u32> {
    Err(ShopError::Closed)
}

#[durable(retry = abide::Retry::never())]
async fn by_another_alias() -> Shopped {
    Err(ShopError::Closed)
}

#[durable(retry = abide::Retry::never())]
async fn written_out() -> std::result::Result<u32, ShopError> {
    Err(ShopError::Closed)
}

#[durable(retry = abide::Retry::never())]
async fn of_the_crate() -> abide::Result<u32> {
    Ok(1)
}

#[durable(retry = abide::Retry::never())]
async fn of_the_crate_with_another_error() -> abide::Result<Option<Vec<u32>>, ShopError> {
    Ok(None)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> abide::Result<()> {
    let calls: [Call<u32, ShopError>; 3] =
        [by_an_alias_of_the_same_name(), by_another_alias(), written_out()];
    let plain: Call<u32> = of_the_crate();
    let other: Call<Option<Vec<u32>>, ShopError> = of_the_crate_with_another_error();
    let abide = abide::Abide::memory().await?;
    for (n, call) in calls.into_iter().enumerate() {
        let result = abide.run(&format!("closed/{n}"), call).await;
        assert!(matches!(result, Err(ShopError::Closed)));
    }
    assert_eq!(abide.run("plain", plain).await?, 1);
    assert!(matches!(abide.run("other", other).await, Ok(None)));
    Ok(())
}
