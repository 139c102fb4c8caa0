//! Durable timers.

use std::{
    panic::Location,
    time::{Duration, SystemTime},
};

use crate::{
    call::Call,
    clock,
    core::{
        ask::{Ask, Deadline, Kind, Options},
        fingerprint,
        site::Site,
    },
};

/// Waits, for as long as it takes: nobody has to stay alive for it.
///
/// ```
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # async fn example() -> Result<()> {
/// sleep(Duration::from_secs(30 * 24 * 3_600)).await    // a month
/// # }
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Call<()> {
    let args = clock::span(duration);
    timer("sleep", args, Deadline::After(duration), Location::caller())
}

/// Waits until then.
///
/// ```
/// # use abide::prelude::*;
/// # use std::time::Duration;
/// # async fn example() -> Result<()> {
/// let begun = now().await?;
/// // ... whatever takes its time, and then, an hour after the beginning:
/// sleep_until(begun + Duration::from_secs(3_600)).await
/// # }
/// ```
#[track_caller]
pub fn sleep_until(time: SystemTime) -> Call<()> {
    let at = clock::at(time);
    timer("sleep_until", at, Deadline::At(at), Location::caller())
}

fn timer(func: &str, arg: i64, deadline: Deadline, caller: &Location<'static>) -> Call<()> {
    Call::from_ask(Ok(Ask {
        kind: Kind::Timer,
        func: func.into(),
        args: format!("[{arg}]").into(),
        fingerprint: fingerprint::of(&arg.into()),
        site: Site::at(caller),
        options: Options { deadline: Some(deadline), ..Options::default() },
        body: None,
    }))
}
