//! The durable functions that are measured.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use abide::prelude::*;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::GROUP;
use abide_bench::driver::SUSPENSION;

/// A step. Its argument and its result are about a hundred bytes, as those of other systems.
#[durable]
pub(crate) async fn charge(order: u32, note: String) -> Result<String> {
    let _ = order;
    Ok(note)
}

/// What a step is given and gives.
pub(crate) fn note() -> String {
    "a7f3-0001, 42 EUR, charged to the card that ends in 4242, receipt sent".to_owned()
}

/// Steps, one after the other.
#[durable]
pub(crate) async fn steps(count: u32) -> Result<u32> {
    for n in 0..count {
        charge(n, note()).await?;
    }
    Ok(count)
}

/// Calls that are executions of their own, all at once.
#[durable]
pub(crate) async fn fan_out(calls: u32) -> Result<u32> {
    let calls: Vec<_> = (0..calls).map(|n| charge(n, note()).on(GROUP).spawn()).collect();
    let mut done = 0;
    for call in calls {
        call.await?;
        done += 1;
    }
    Ok(done)
}

/// A short sleep.
#[durable]
pub(crate) async fn timer() -> Result<()> {
    sleep(SUSPENSION).await
}

/// A sleep until this time, in Unix milliseconds. Gives the microseconds by which it was late.
#[durable]
pub(crate) async fn late(at: u64) -> Result<u64> {
    let due = UNIX_EPOCH + Duration::from_millis(at);
    sleep_until(due).await?;
    let late = SystemTime::now().duration_since(due).unwrap_or_default();
    Ok(u64::try_from(late.as_micros()).unwrap_or(u64::MAX))
}

/// A sleep that nobody waits for.
#[durable]
pub(crate) async fn sleeper() -> Result<()> {
    sleep(Duration::from_secs(365 * 24 * 3_600)).await
}

/// Waits for somebody outside.
#[durable]
pub(crate) async fn signal(root: String) -> Result<u32> {
    let external = promise::<u32>();
    tell(&root, 0, external.id());
    external.await
}

/// How many steps are made at one time, so that long histories are made soon.
pub(crate) const WAVE: u32 = 100;

/// Makes a history and then waits for somebody outside, so many times.
#[durable]
pub(crate) async fn history(root: String, length: u32, times: u32) -> Result<u32> {
    let mut made = 0;
    while made < length {
        made += wave(length - made).await?;
    }
    for n in 0..times {
        let external = promise::<u32>().named(format!("{n}"));
        tell(&root, n, external.id());
        external.await?;
    }
    tell(&root, times, String::new());
    Ok(made)
}

/// The same, with a save point after each wave and each wait.
#[durable]
pub(crate) async fn saved_history(root: String, length: u32, times: u32) -> Result<u32> {
    let mut state = saved((0, 0)).await?;
    while state.0 < length {
        state.0 += wave(length - state.0).await?;
        state.save().await?;
    }
    while state.1 < times {
        let external = promise::<u32>().named(format!("{}", state.1));
        tell(&root, state.1, external.id());
        external.await?;
        state.1 += 1;
        state.save().await?;
    }
    tell(&root, times, String::new());
    Ok(state.0)
}

async fn wave(left: u32) -> Result<u32> {
    let calls: Vec<_> = (0..left.min(WAVE)).map(|n| charge(n, note()).spawn()).collect();
    let mut made = 0;
    for call in calls {
        call.await?;
        made += 1;
    }
    Ok(made)
}

/// What an execution says: how often it has waited, and the id of the promise that it waits for.
pub(crate) type Told = (u32, String);

/// Who listens, by the id of the execution. Telling is no durable step: an execution that is
/// replayed tells again.
static LISTENERS: LazyLock<Mutex<HashMap<String, UnboundedSender<Told>>>> =
    LazyLock::new(Mutex::default);

/// Is told what the execution of this id says.
pub(crate) fn listen(root: &str) -> UnboundedReceiver<Told> {
    let (sender, receiver) = unbounded_channel();
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.insert(root.to_owned(), sender);
    receiver
}

/// Forgets who listens.
pub(crate) fn leave(root: &str) {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
}

fn tell(root: &str, times: u32, id: String) {
    let listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(listener) = listeners.get(root) {
        // Whoever has left does not want to know.
        let _ = listener.send((times, id));
    }
}
