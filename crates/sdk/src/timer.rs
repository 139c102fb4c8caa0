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
#[track_caller]
pub fn sleep(duration: Duration) -> Call<()> {
    let args = clock::span(duration);
    timer("sleep", args, Deadline::After(duration), Location::caller())
}

/// Waits until then.
#[track_caller]
pub fn sleep_until(time: SystemTime) -> Call<()> {
    let at = clock::at(time);
    timer("sleep_until", at, Deadline::At(at), Location::caller())
}

fn timer(func: &str, arg: i64, deadline: Deadline, caller: &Location<'_>) -> Call<()> {
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
