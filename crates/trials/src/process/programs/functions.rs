//! What the workers execute.

use std::time::Duration;

use abide::prelude::*;
use futures_util::future::try_join_all;

use super::{GROUP, log::say};

/// The shortest and the longest pause before another attempt.
const SOON: Duration = Duration::from_millis(2);
const LATER: Duration = Duration::from_millis(20);

/// Adds up the squares below `rounds`, with a save point after each.
#[durable]
pub(crate) async fn counted(run: u64, rounds: u64) -> Result<u64> {
    let mut state = saved((0_u64, 0_u64)).await?;
    while state.0 < rounds {
        let square = stumbling(run, state.0).await?;
        *state = (state.0 + 1, state.1 + square);
        state.save().await?;
    }
    Ok(state.1)
}

/// The same, all at once and wherever there is a worker, after a moment.
#[durable]
pub(crate) async fn spread(run: u64, width: u64) -> Result<u64> {
    sleep(SOON).await?;
    let squares = (0..width).map(|step| stumbling(run, step).on(GROUP));
    Ok(try_join_all(squares).await?.into_iter().sum())
}

/// A step that fails for one or two times, or for none.
#[durable(retry = Retry::exponential(SOON, LATER).attempts(4))]
async fn stumbling(run: u64, step: u64) -> Result<u64> {
    let attempt = abide::attempt().map_or(1, u64::from);
    say(run, step, attempt);
    if attempt <= step % 3 {
        return Err(Error::application("not yet"));
    }
    Ok(step * step)
}
