//! The Rust side of the client suite: one program that is a worker or a caller, so that every
//! scenario runs the published SDK in real processes.
//!
//! ```text
//! scenarios worker GROUP                         serve GROUP until killed
//! scenarios run GROUP ID FUNC [ARG...]           run FUNC in this process
//! scenarios rpc GROUP ID FUNC [ARG...]           have GROUP run FUNC
//! scenarios get ID                               wait for an existing promise
//! scenarios schedule GROUP ID CRON FUNC [ARG...]
//! scenarios unschedule GROUP ID
//! ```
//!
//! Arguments are JSON. The result is printed as JSON, a rejection as `error: MESSAGE` with exit
//! status 1. RESONATE_URL names the server, SCRATCH a directory in which the functions leave their
//! traces, LEASE_MS the lease.

mod functions;

use functions::*;
use resonate_sdk::prelude::*;
use serde_json::Value;

type Answer = std::result::Result<Value, Error>;

/// The arguments of a call as the SDK encodes them: nothing, a bare value, or a list.
fn arguments(args: &[String]) -> Value {
    let mut values: Vec<Value> = args
        .iter()
        .map(|arg| serde_json::from_str(arg).expect("an argument is not JSON"))
        .collect();
    match values.len() {
        0 => Value::Null,
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}

/// Runs a function in this process. Only workflows without a remote part are called this way.
async fn run(resonate: &Resonate, id: &str, func: &str, args: Value) -> Answer {
    match func {
        "sequential" => {
            Ok(resonate.run(id, sequential, serde_json::from_value(args)?).await?.into())
        }
        "concurrent" => {
            Ok(resonate.run(id, concurrent, serde_json::from_value(args)?).await?.into())
        }
        other => panic!("{other} is not called in this process"),
    }
}

async fn answer(resonate: &Resonate, command: &str, rest: &[String]) -> Answer {
    match (command, rest) {
        ("run", [_, id, func, args @ ..]) => run(resonate, id, func, arguments(args)).await,
        ("rpc", [group, id, func, args @ ..]) => {
            resonate.rpc::<_, Value>(id, func, arguments(args)).target(group).await
        }
        ("get", [id]) => resonate.get::<Value>(id).await?.result().await,
        ("schedule", [group, id, cron, func, args @ ..]) => {
            resonate.schedule(id, cron, func, arguments(args)).target(group).await?;
            Ok(true.into())
        }
        ("unschedule", [_, id]) => {
            resonate.schedules.delete(id).await?;
            Ok(true.into())
        }
        _ => panic!("unknown command {command} {rest:?}"),
    }
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().expect("a command");
    let serves = command == "worker" || command == "run";
    let lease = std::env::var("LEASE_MS").map_or(60_000, |ms| ms.parse().expect("LEASE_MS"));
    let resonate = Resonate::new(ResonateConfig {
        url: Some(std::env::var("RESONATE_URL").expect("RESONATE_URL")),
        group: Some(if serves { rest[0].clone() } else { "caller".into() }),
        ttl: Some(lease),
        ..Default::default()
    });
    register(&resonate).expect("registration");

    if command == "worker" {
        println!("ready");
        std::future::pending::<()>().await;
    }
    match answer(&resonate, command, rest).await {
        Ok(value) => println!("{value}"),
        Err(error) => {
            println!("error: {error}");
            std::process::exit(1);
        }
    }
}
