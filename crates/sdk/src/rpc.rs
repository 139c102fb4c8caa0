//! Calls of functions known only by name.

use std::panic::Location;

use serde::Serialize;

use crate::{
    call::Call,
    core::{
        ask::{Ask, Kind, Options},
        site::Site,
    },
    inputs,
};

/// A call of a function in any language, by its name. Say who executes it by
/// [`on`](Call::on). The arguments are a tuple; a single other value is the only argument.
///
/// ```
/// # use abide::prelude::*;
/// # async fn greet() -> Result<String> {
/// let greeting = rpc::<String>("greet", ("Ada", 36)).on("typescript").await?;
/// # Ok(greeting) }
/// ```
#[track_caller]
pub fn rpc<T>(name: &str, args: impl Serialize) -> Call<T> {
    let site = Site::at(Location::caller());
    Call::from_ask(inputs::of(&args).map(|(args, fingerprint)| Ask {
        kind: Kind::Remote,
        func: name.into(),
        args,
        fingerprint,
        site,
        options: Options { version: Some(1), ..Options::default() },
        body: None,
    }))
}
