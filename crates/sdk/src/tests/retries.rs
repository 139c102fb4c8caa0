//! Attempts are counted in the store, and nothing is held between them.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide_client::Link;
use abide_protocol::{PromiseGet, Request, TaskGet, TaskState};

use super::link::{Mortal, Process, engine};
use crate::{attempt, prelude::*};

static ATTEMPTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn note() -> u32 {
    let attempt = attempt().expect("it runs in an execution");
    ATTEMPTS.lock().unwrap().push(attempt);
    attempt
}

#[durable(retry = Retry::fixed(Duration::from_millis(30)))]
async fn fourth_time_lucky() -> Result<u32> {
    match note() {
        4 => Ok(4),
        n => Err(Error::application(format!("attempt {n}"))),
    }
}

#[tokio::test]
async fn an_attempt_is_counted_across_processes() {
    let node = engine().await;
    // Each process dies with one of its writes: in most of them an attempt or two are made.
    let mut lives = 0;
    loop {
        let Process { abide, link } = Process::start(&node, 3, true).await;
        lives += 1;
        tokio::select! {
            result = abide.run("lucky", fourth_time_lucky()) => {
                assert_eq!(result.unwrap(), 4);
                break;
            }
            () = link.dead.notified() => {}
        }
    }
    assert!(lives > 2, "{lives}");
    let attempts = std::mem::take(&mut *ATTEMPTS.lock().unwrap());
    // An attempt whose failure was not recorded is made again, under its number.
    assert!(attempts.is_sorted(), "{attempts:?}");
    let mut numbers = attempts.clone();
    numbers.dedup();
    assert_eq!(numbers, [1, 2, 3, 4], "{attempts:?}");
}

#[durable(retry = Retry::fixed(Duration::from_secs(3_600)))]
async fn tomorrow() -> Result<()> {
    Err(Error::application("not today"))
}

/// The state of a task.
async fn state(link: &Mortal, id: &str) -> TaskState {
    let response = link.call(Request::TaskGet(TaskGet { id: id.into() })).await.unwrap();
    response.task().unwrap().state
}

#[tokio::test]
async fn nothing_is_held_while_it_waits_and_the_next_attempt_is_in_the_store() {
    let node = engine().await;
    let Process { abide, link } = Process::start(&node, i64::MAX, true).await;
    abide.start("tomorrow", tomorrow()).await.unwrap();
    while state(&link, "tomorrow").await != TaskState::Suspended {
        tokio::task::yield_now().await;
    }
    let request = Request::PromiseGet(PromiseGet { id: "tomorrow:1".into() });
    let response = link.call(request).await.unwrap();
    let next = response.promise().unwrap();
    assert!(next.is_pending() && next.tags.is_timer());
    assert_eq!(
        next.timeout_at.clamp(next.created_at + 3_599_000, next.created_at + 3_601_000),
        next.timeout_at
    );
    let trace = next.param.headers.as_ref().unwrap().get("abide:trace").unwrap();
    assert!(trace.starts_with("k=retry;") && trace.contains(";n=2"), "{trace}");
}

#[durable]
async fn counts_as_a_call() -> Result<u32> {
    Ok(1)
}

static TRIES: AtomicU32 = AtomicU32::new(0);

#[durable(retry = Retry::fixed(Duration::ZERO).attempts(3))]
async fn calls_and_fails() -> Result<u32> {
    TRIES.fetch_add(1, Ordering::Relaxed);
    let sum = counts_as_a_call().await? + attempt().unwrap();
    if sum < 4 { Err(Error::application("too little")) } else { Ok(sum) }
}

#[durable]
async fn calls_and_fails_once() -> Result<u32> {
    TRIES.fetch_add(1, Ordering::Relaxed);
    counts_as_a_call().await?;
    Err(Error::application("it failed"))
}

#[durable]
async fn retried_or_not() -> Result<(u32, u32)> {
    let lucky = calls_and_fails().await?;
    assert_eq!(TRIES.swap(0, Ordering::Relaxed), 3);
    let error = calls_and_fails_once().await.unwrap_err();
    assert_eq!(error.message(), "it failed");
    Ok((lucky, TRIES.load(Ordering::Relaxed)))
}

#[tokio::test]
async fn a_function_with_calls_is_tried_again_only_if_it_says_so() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let retried = retried_or_not().retry(Retry::never());
    assert_eq!(abide.run("both", retried).await.unwrap(), (4, 1));
}
