//! Running the programs through the proxy.

use std::process::Stdio;

use abide::prelude::*;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    message::{self, Message},
    program::{self, HOLD, LONG_HOLD, OURS},
    programs::LEAVES,
    proxy::Proxy,
};

/// What one run came to.
#[derive(Clone, Copy)]
struct Cost {
    requests: usize,
    messages: usize,
    waits: usize,
}

impl Cost {
    fn of(messages: &[Message]) -> Self {
        let requests = messages.iter().map(|message| message.kinds.len()).sum();
        Self { requests, messages: messages.len(), waits: message::waits(messages) }
    }

    /// What the first one takes more than the second.
    fn above(self, base: Self) -> Value {
        let above = |this: usize, base: usize| this as i64 - base as i64;
        json!({
            "requests": above(self.requests, base.requests),
            "messages": above(self.messages, base.messages),
            "waits": above(self.waits, base.waits),
        })
    }
}

/// Starts the worker behind a proxy, runs each program, and prints what they cost.
pub(crate) async fn all(group: &str, command: &str, args: &[&str]) -> Result<()> {
    let server = std::env::var("ABIDE_URL")?;
    let (proxy, url) = Proxy::start(&server).await?;
    let mut worker = Command::new(command)
        .args(args)
        .env("ABIDE_URL", &url)
        .env("RESONATE_URL", &url)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = worker.stdout.take().ok_or_else(|| Error::application("no output"))?;
    let mut lines = BufReader::new(output).lines();
    while lines.next_line().await?.ok_or_else(|| Error::application("no worker"))? != "ready" {}
    // The other end of remote calls is not what is measured.
    let abide = Abide::connect(&server).await?.group(LEAVES).concurrency(256);
    // What is only done once, such as connecting.
    run(&abide, &proxy, group, "steps", 1, 0).await?;

    let mut costs = serde_json::Map::new();
    for program in program::ALL {
        let long = group == OURS && program.func == "remote_fan";
        proxy.hold(if long { LONG_HOLD } else { HOLD });
        let base = run(&abide, &proxy, group, program.func, 0, 1).await?;
        let cost = run(&abide, &proxy, group, program.func, program.times, 1).await?;
        costs.insert(program.func.to_owned(), Cost::of(&cost).above(Cost::of(&base)));
    }
    println!("{}", json!({ "group": group, "costs": costs }));
    Ok(())
}

async fn run(
    abide: &Abide,
    proxy: &Proxy,
    group: &str,
    func: &str,
    n: u32,
    round: u32,
) -> Result<Vec<Message>> {
    proxy.take().await;
    let call = rpc::<u32>(func, (n,)).on(group);
    let result = abide.run(&format!("{group}-{func}-{n}-{round}"), call).await?;
    let wanted = if func == "sleeps" { n } else { (0..n).sum() };
    if result != wanted {
        return Err(Error::application(format!("{func}({n}) gave {result}")));
    }
    let mut messages = proxy.take().await;
    messages.retain(|message| !message.is_heartbeat());
    if std::env::var_os("SHOW").is_some() {
        show(group, func, n, &messages);
    }
    Ok(messages)
}

fn show(group: &str, func: &str, n: u32, messages: &[Message]) {
    eprintln!("{group} {func}({n})");
    let Some(first) = messages.iter().map(|message| message.start).min() else { return };
    let mut messages: Vec<_> = messages.iter().collect();
    messages.sort_by_key(|message| message.start);
    for message in messages {
        let span = |at: std::time::Instant| at.duration_since(first).as_millis();
        let (start, end) = (span(message.start), span(message.end));
        let kinds: String = message.kinds.join(" ").chars().take(120).collect();
        eprintln!("  {start:>6} {end:>6} ms {:>4} {kinds}", message.kinds.len());
    }
}
