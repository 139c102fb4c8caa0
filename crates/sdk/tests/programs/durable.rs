//! Programs as durable functions.

use std::time::Duration;

use abide::{attempt, prelude::*, test::note};

use crate::{
    interpret::interpreter,
    node::{Loop, Node, Wait},
};

#[durable]
async fn leaf(n: u64) -> Result<u64> {
    note("leaf");
    Ok(mix(n, 1))
}

#[durable]
async fn slow(n: u64, minutes: u64) -> Result<u64> {
    sleep(self::minutes(minutes)).await?;
    leaf(n).await
}

#[durable]
async fn fail(n: u64, minutes: u64) -> Result<u64> {
    sleep(self::minutes(minutes)).await?;
    Err(Error::permanent(n))
}

/// Runs a program.
#[durable]
pub(crate) async fn nested(node: Node) -> Result<u64> {
    run(&node).await
}

#[durable]
async fn flaky(until: u32) -> Result<u64> {
    note("flaky");
    let attempt = attempt().expect("it runs within an execution");
    if attempt < until { Err(Error::application(attempt)) } else { Ok(attempt.into()) }
}

/// Runs a program again and again, from its last save point on.
#[durable]
async fn looped(looped: Loop) -> Result<u64> {
    let mut state = saved((0, 1)).await?;
    while state.0 < looped.times {
        let sum = mix(state.1, handled(run(&looped.round).await));
        *state = (state.0 + 1, sum);
        if state.0.is_multiple_of(looped.every) {
            state.save().await?;
        }
        if attempt() == Some(1) && looped.fails.is_some_and(|(round, _)| round == state.0) {
            return Err(Error::application("in the midst of it"));
        }
    }
    Ok(state.into_inner().1)
}

/// How a loop is called: it is tried twice.
fn call(looped: &Loop) -> Call<u64> {
    let pause = minutes(looped.fails.map_or(0, |(_, minutes)| minutes));
    self::looped(looped.clone()).retry(Retry::fixed(pause).attempts(2))
}

fn flaky_call(until: u32, minutes: u64) -> Call<u64> {
    flaky(until).retry(Retry::fixed(self::minutes(minutes)).attempts(until))
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn group(other: bool) -> &'static str {
    if other { "others" } else { "default" }
}

/// Awaits one thing.
async fn wait(wait: &Wait) -> Result<u64> {
    match wait {
        Wait::Leaf(n) => leaf(*n).await,
        Wait::Sleep(minutes) => sleep(self::minutes(*minutes)).await.map(|()| *minutes),
        Wait::Slow(n, minutes) => slow(*n, *minutes).await,
        Wait::Remote(n, minutes, other) => slow(*n, *minutes).on(group(*other)).await,
        Wait::Fail(n, minutes) => fail(*n, *minutes).await,
        Wait::Timeout { minutes, limit } => {
            match slow(3, *minutes).timeout(self::minutes(*limit)).await {
                Err(error) if error.kind() == ErrorKind::Timeout => Ok(0),
                done => done,
            }
        }
        Wait::Nested(node, true) => nested((**node).clone()).on("others").await,
        Wait::Nested(node, false) => nested((**node).clone()).await,
        Wait::Flaky { until, minutes } => flaky_call(*until, *minutes).await,
        Wait::Loop(looped, true) => call(looped).on("others").await,
        Wait::Loop(looped, false) => call(looped).await,
    }
}

/// Begins something now.
fn spawn(wait: &Wait) -> impl Future<Output = Result<u64>> {
    let spawned = match wait {
        Wait::Leaf(n) => Ok(leaf(*n).spawn()),
        Wait::Slow(n, minutes) => Ok(slow(*n, *minutes).spawn()),
        Wait::Remote(n, minutes, other) => Ok(slow(*n, *minutes).on(group(*other)).spawn()),
        Wait::Fail(n, minutes) => Ok(fail(*n, *minutes).spawn()),
        Wait::Nested(node, true) => Ok(nested((**node).clone()).on("others").spawn()),
        Wait::Nested(node, false) => Ok(nested((**node).clone()).spawn()),
        Wait::Flaky { until, minutes } => Ok(flaky_call(*until, *minutes).spawn()),
        Wait::Loop(looped, true) => Ok(call(looped).on("others").spawn()),
        Wait::Loop(looped, false) => Ok(call(looped).spawn()),
        Wait::Timeout { minutes, .. } => Err((sleep(self::minutes(*minutes)).spawn(), 0)),
        Wait::Sleep(minutes) => Err((sleep(self::minutes(*minutes)).spawn(), *minutes)),
    };
    async move {
        match spawned {
            Ok(spawned) => spawned.await,
            Err((timer, value)) => timer.await.map(|()| value),
        }
    }
}

interpreter!();
