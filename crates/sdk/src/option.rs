//! Which options make sense for which calls.

use crate::{
    core::ask::{Ask, Kind},
    error::{Error, Result},
    registry::Registry,
};

/// Only a durable function can be asked for by its name, so that another task executes it.
pub(crate) fn is_function(ask: &Ask, what: &str) -> Result<()> {
    if ask.kind == Kind::Remote || (ask.kind == Kind::Call && ask.options.version.is_some()) {
        return Ok(());
    }
    let message = format!(
        "a {} ({}) cannot be {what}: only a durable function can; make it one with `#[durable]`",
        ask.kind, ask.func
    );
    Err(Error::misuse("not_a_function", message))
}

/// A timer has its time, and does not fail.
pub(crate) fn is_no_timer(ask: &Ask) -> Result<()> {
    if ask.kind != Kind::Timer {
        return Ok(());
    }
    let message = "a timer ends at its own time and cannot fail: give it the time that you mean, \
                   and no timeout or retries";
    Err(Error::misuse("timer_option", message))
}

/// Another process cannot be sent a predicate.
pub(crate) fn can_be_sent(ask: &Ask) -> Result<()> {
    match &ask.options.retry {
        Some(retry) if ask.options.retry_chosen && retry.has_predicate() => {
            let message = format!(
                "the predicate of `.retry(..)` cannot be sent along with {}, which another process \
                 may execute: write the policy at the function, `#[durable(retry = ...)]`",
                ask.func
            );
            Err(Error::misuse("retry_predicate", message))
        }
        _ => Ok(()),
    }
}

/// What is executed elsewhere says where, or is known here.
pub(crate) fn has_a_place(ask: &Ask) -> Result<()> {
    let known = || Registry::global().get(&ask.func, ask.options.version).is_some();
    match (ask.kind, &ask.options.target) {
        (Kind::Remote, None) => {}
        (Kind::Detached, None) if !known() => {}
        (Kind::Remote | Kind::Detached, _) => return can_be_sent(ask),
        _ => return Ok(()),
    }
    let message = format!("say which group executes {}: `.on(\"group\")`", ask.func);
    Err(Error::misuse("no_group", message))
}
