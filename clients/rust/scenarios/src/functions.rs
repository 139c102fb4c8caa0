//! The durable functions of the scenarios. What a function did in the world is a line in a file of
//! the scratch directory, where the suite counts it.

use std::io::Write;
use std::path::PathBuf;
use std::process::id as pid;
use std::time::{Duration, SystemTime};

use resonate_sdk::prelude::*;
use serde_json::{Value, json};

fn scratch(file: &str) -> PathBuf {
    PathBuf::from(std::env::var("SCRATCH").expect("SCRATCH")).join(file)
}

fn trace(file: &str, line: impl std::fmt::Display) {
    let mut out =
        std::fs::OpenOptions::new().append(true).create(true).open(scratch(file)).expect("a trace");
    out.write_all(format!("{line}\n").as_bytes()).expect("a trace");
}

fn lines(file: &str) -> i64 {
    std::fs::read_to_string(scratch(file)).map_or(0, |text| text.lines().count() as i64)
}

#[resonate_sdk::function]
async fn add(a: i64, b: i64) -> Result<i64> {
    Ok(a + b)
}

#[resonate_sdk::function]
async fn square(n: i64) -> Result<i64> {
    Ok(n * n)
}

#[resonate_sdk::function]
async fn now() -> Result<i64> {
    let since =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock after 1970");
    Ok(since.as_millis() as i64)
}

#[resonate_sdk::function]
async fn mark(name: String) -> Result<String> {
    trace(&format!("mark-{name}"), pid());
    Ok(name)
}

/// Returns only when `size` calls are inside it at once.
#[resonate_sdk::function]
async fn meet(key: String, size: i64) -> Result<bool> {
    trace(&format!("meet-{key}"), pid());
    while lines(&format!("meet-{key}")) < size {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(true)
}

#[resonate_sdk::function]
async fn identify(a: i64, b: i64) -> Result<Value> {
    Ok(json!({ "pid": pid(), "sum": a + b }))
}

#[resonate_sdk::function]
async fn note(name: String) -> Result<String> {
    trace("notes", &name);
    Ok(format!("noted {name}"))
}

#[resonate_sdk::function]
async fn tick(label: String) -> Result<String> {
    trace("ticks", &label);
    Ok(format!("tick {label}"))
}

/// Panics until it has been called `times` times: this SDK retries nothing by itself, it gives a
/// task whose function panicked back to the server.
#[resonate_sdk::function]
async fn flaky(key: String, times: i64) -> Result<i64> {
    trace(&format!("flaky-{key}"), pid());
    let called = lines(&format!("flaky-{key}"));
    assert!(called >= times, "not yet");
    Ok(called)
}

#[resonate_sdk::function]
async fn doom(message: String) -> Result<()> {
    trace("doomed", &message);
    Err(Error::Application { message })
}

/// Holds on until somebody creates the file `go-KEY`.
#[resonate_sdk::function]
async fn stall(key: String) -> Result<u32> {
    trace(&format!("stall-{key}"), pid());
    while !scratch(&format!("go-{key}")).exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(pid())
}

#[resonate_sdk::function]
pub(crate) async fn sequential(ctx: &Context, count: i64) -> Result<i64> {
    let mut total = 0;
    for i in 1..=count {
        total = ctx.run(add, (total, i)).await?;
    }
    Ok(total)
}

#[resonate_sdk::function]
pub(crate) async fn concurrent(ctx: &Context, key: String, size: i64) -> Result<Vec<i64>> {
    let mut calls = Vec::new();
    for _ in 0..size {
        calls.push(ctx.run(meet, (key.clone(), size)).spawn()?);
    }
    let mut squares = Vec::new();
    for i in 0..size {
        squares.push(ctx.run(square, i).spawn()?);
    }
    for call in calls {
        call.await?;
    }
    let mut results = Vec::new();
    for call in squares {
        results.push(call.await?);
    }
    Ok(results)
}

#[resonate_sdk::function]
async fn remote(ctx: &Context, group: String, a: i64, b: i64) -> Result<Value> {
    ctx.rpc::<Value>("identify", (a, b)).target(&group).await
}

#[resonate_sdk::function]
async fn fanout(ctx: &Context, group: String, count: i64) -> Result<i64> {
    let mut calls = Vec::new();
    for i in 0..count {
        calls.push(ctx.rpc::<i64>("square", i).target(&group).spawn()?);
    }
    let mut total = 0;
    for call in calls {
        total += call.await?;
    }
    Ok(total)
}

#[resonate_sdk::function]
async fn nap(ctx: &Context, ms: u64) -> Result<i64> {
    let before = ctx.run(now, ()).await?;
    ctx.sleep(Duration::from_millis(ms)).await?;
    let after = ctx.run(now, ()).await?;
    Ok(after - before)
}

#[resonate_sdk::function]
async fn approval(ctx: &Context) -> Result<Value> {
    let decision: Value = ctx.promise().await?;
    Ok(json!({ "decision": decision }))
}

#[resonate_sdk::function]
async fn detach(ctx: &Context, group: String, name: String) -> Result<String> {
    ctx.detached("note", name).target(&group).spawn()?.id().await
}

#[resonate_sdk::function]
async fn nested(ctx: &Context, group: String, name: String) -> Result<String> {
    ctx.run(detach, (group, name)).await
}

/// A chain of detached calls, each from within the one before.
#[resonate_sdk::function]
async fn relay(ctx: &Context, group: String, left: i64) -> Result<i64> {
    ctx.run(note, format!("relay {left}")).await?;
    if left > 0 {
        ctx.detached("relay", (&group, left - 1)).target(&group).spawn()?;
    }
    Ok(left)
}

#[resonate_sdk::function]
async fn retry(ctx: &Context, key: String, times: i64) -> Result<i64> {
    ctx.run(flaky, (key, times)).await
}

#[resonate_sdk::function]
async fn doomed(ctx: &Context, message: String) -> Result<()> {
    ctx.run(doom, message).await
}

#[resonate_sdk::function]
async fn handoff(ctx: &Context, key: String) -> Result<Value> {
    let first = ctx.run(mark, format!("{key}-first")).await?;
    let pid = ctx.run(stall, key.clone()).await?;
    let last = ctx.run(mark, format!("{key}-last")).await?;
    Ok(json!({ "first": first, "last": last, "pid": pid }))
}

/// Makes every function known to a worker.
pub(crate) fn register(resonate: &Resonate) -> Result<()> {
    resonate.register(add)?;
    resonate.register(square)?;
    resonate.register(now)?;
    resonate.register(mark)?;
    resonate.register(meet)?;
    resonate.register(identify)?;
    resonate.register(note)?;
    resonate.register(tick)?;
    resonate.register(flaky)?;
    resonate.register(doom)?;
    resonate.register(stall)?;
    resonate.register(sequential)?;
    resonate.register(concurrent)?;
    resonate.register(remote)?;
    resonate.register(fanout)?;
    resonate.register(nap)?;
    resonate.register(approval)?;
    resonate.register(detach)?;
    resonate.register(nested)?;
    resonate.register(relay)?;
    resonate.register(retry)?;
    resonate.register(doomed)?;
    resonate.register(handoff)
}
