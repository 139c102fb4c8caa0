//! A process with a long loop is killed, for good, and another one goes on with it.

#![cfg(all(unix, feature = "embedded"))]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use abide::prelude::*;

/// Rounds of the loop: 250, or what `ABIDE_LOOP` says.
fn all() -> u64 {
    std::env::var("ABIDE_LOOP").ok().and_then(|all| all.parse().ok()).unwrap_or(250)
}

/// Rounds before the kill, at least.
fn before() -> u64 {
    all() * 3 / 5
}

#[durable]
async fn work(n: u64) -> Result<u64> {
    Ok(n)
}

/// A loop that tells which rounds it makes.
#[durable]
async fn with_save_points(rounds: u64) -> Result<u64> {
    let mut next = saved(0).await?;
    while *next < rounds {
        println!("round {}", *next);
        *next += work(1).await?;
        next.save().await?;
    }
    Ok(*next)
}

#[durable]
async fn without(rounds: u64) -> Result<u64> {
    let mut next = 0;
    while next < rounds {
        println!("round {next}");
        next += work(1).await?;
    }
    Ok(next)
}

/// What the process that is killed does: this test program starts itself for it.
#[tokio::test]
async fn life() -> Result<()> {
    let Ok(data) = std::env::var("ABIDE_TEST_LIFE") else { return Ok(()) };
    let abide = Abide::open(&data).await?;
    let call = if data.ends_with("without") { without(all()) } else { with_save_points(all()) };
    assert_eq!(abide.run("loop", call).await?, all());
    abide.close().await;
    Ok(())
}

fn start(data: &Path) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["life", "--exact", "--nocapture"]).env("ABIDE_TEST_LIFE", data);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// The rounds that a process makes until it ends, or is killed after one of them.
fn rounds(mut process: Child, killed_after: Option<u64>) -> Vec<u64> {
    let mut rounds = Vec::new();
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, round)) = line.split_once("round ") else { continue };
        rounds.push(round.parse().unwrap());
        if killed_after.is_some_and(|last| rounds.last() >= Some(&last)) {
            // There is no way to clean up after SIGKILL.
            process.kill().unwrap();
            break;
        }
    }
    let ended = process.wait().unwrap();
    assert_eq!(ended.success(), killed_after.is_none(), "{ended}");
    rounds
}

#[test]
fn a_killed_loop_goes_on_at_its_last_save_point() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("with");
    let first = rounds(start(&data), Some(before()));
    let after = rounds(start(&data), None);
    assert_eq!(first, (0..=before()).collect::<Vec<_>>());
    // Nothing that it saved is replayed; what it did between our look and the kill is done too.
    assert!(after[0] >= before(), "it began again at {}", after[0]);
    assert_eq!(after, (after[0]..all()).collect::<Vec<_>>());
}

#[test]
fn a_killed_loop_without_save_points_is_replayed_from_the_top() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("without");
    rounds(start(&data), Some(before()));
    assert_eq!(rounds(start(&data), None), (0..all()).collect::<Vec<_>>());
}
