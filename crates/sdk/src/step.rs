//! Durable calls without a named function.

use std::{future::Future, panic::Location, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    call::Call,
    core::{
        ask::{Ask, Kind, Options, Running},
        site::Site,
    },
    error::Result,
    function::ended,
};

/// A block with side effects: runs, and its result is recorded. The closure gives an async block,
/// anew for each attempt. Steps that exist at one time have names of their own.
///
/// ```
/// # use abide::prelude::*;
/// # async fn order(card: String) -> Result<String> {
/// let receipt = step("charge card", move || {
///     let card = card.clone();
///     async move { Ok(format!("charged {card}")) }
/// })
/// .await?;
/// # Ok(receipt) }
/// ```
#[track_caller]
pub fn step<T, F, Fut>(name: impl Into<Arc<str>>, block: F) -> Call<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    let block = Arc::new(block);
    Call::from_ask(Ok(Ask {
        kind: Kind::Step,
        func: name.into(),
        args: "[]".into(),
        fingerprint: 0,
        site: Site::at(Location::caller()),
        options: Options::default(),
        body: Some(Arc::new(move || {
            let block = block.clone();
            Box::pin(async move { ended(block()).await }) as Running
        })),
    }))
}
