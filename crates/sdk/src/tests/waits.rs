//! How many messages wait for one another.

use std::{sync::Arc, time::Duration};

use abide_client::{HttpLink, Link};
use abide_protocol::{Request, TaskGet, TaskState};

use super::{
    counting::{Counts, Figures, by_http, inside, serve},
    link::engine,
};
use crate::prelude::*;

#[durable]
async fn quick(n: u32) -> Result<u32> {
    Ok(n + 1)
}

#[durable]
async fn steps(n: u32) -> Result<u32> {
    let mut sum = 0;
    for _ in 0..n {
        sum = quick(sum).await?;
    }
    Ok(sum)
}

#[durable]
async fn sleeps(n: u32) -> Result<u32> {
    for _ in 0..n {
        sleep(Duration::from_millis(1)).await?;
    }
    Ok(n)
}

#[durable]
async fn calls(n: u32) -> Result<u32> {
    let mut sum = 0;
    for _ in 0..n {
        sum = quick(sum).on("waits-workers").await?;
    }
    Ok(sum)
}

#[durable]
async fn fan_out(n: u32) -> Result<u32> {
    let calls = (0..n).map(|n| quick(n).on("nobody"));
    Ok(futures_util::future::try_join_all(calls).await?.into_iter().sum())
}

/// What each of ten more costs.
async fn each<F>(abide: &Abide, counts: &Arc<Counts>, name: &str, call: F) -> Figures
where
    F: Fn(u32) -> Call<u32>,
{
    let mut before = counts.now();
    let mut figures = Vec::new();
    for n in [5, 15] {
        assert_eq!(abide.run(&format!("{name}/{n}"), call(n)).await.unwrap(), n);
        figures.push(counts.since(before));
        before = counts.now();
    }
    let [few, more] = figures[..] else { unreachable!("two runs") };
    Figures {
        requests: (more.requests - few.requests) / 10,
        messages: (more.messages - few.messages) / 10,
        bytes: (more.bytes - few.bytes) / 10,
        waits: (more.waits - few.waits) / 10,
    }
}

#[tokio::test]
async fn a_local_step_is_one_message_and_a_sleep_or_a_remote_call_two() {
    let url = serve(false).await;
    let (abide, counts) = by_http(&url).await;
    let worker = Abide::connect(&url).await.unwrap().group("waits-workers");
    tokio::spawn(async move { worker.serve().await });
    let figures = each(&abide, &counts, "steps", steps).await;
    assert_eq!((figures.requests, figures.messages, figures.waits), (1, 1, 1), "{figures:?}");
    // The creation with the suspension, and the acquisition; or only the former, if it was over
    // before it was suspended.
    for figures in
        [each(&abide, &counts, "sleeps", sleeps).await, each(&abide, &counts, "calls", calls).await]
    {
        assert!(figures.requests <= 3 && figures.messages <= 2, "{figures:?}");
        assert!(figures.waits <= 2, "{figures:?}");
    }
    // From the start to the end, steps cost one message each and two more.
    let before = counts.now();
    assert_eq!(abide.run("whole", steps(7)).await.unwrap(), 7);
    assert_eq!(counts.since(before).waits, 9);
}

#[tokio::test]
async fn within_a_process_a_step_waits_once_too() {
    let node = engine().await;
    let (abide, counts) = inside(&node);
    let figures = each(&abide, &counts, "steps", steps).await;
    assert_eq!(figures.waits, 1, "{figures:?}");
    let figures = each(&abide, &counts, "sleeps", sleeps).await;
    assert!(figures.waits <= 2, "{figures:?}");
}

#[tokio::test]
async fn a_fan_out_is_suspended_after_two_waits() {
    let url = serve(false).await;
    let (abide, counts) = by_http(&url).await;
    let _execution = abide.start("fan-out", fan_out(100)).await.unwrap();
    let link = HttpLink::new(&url).unwrap();
    loop {
        let get = Request::TaskGet(TaskGet { id: "fan-out".into() });
        let response = link.call(get).await.unwrap();
        let suspended = response.task().is_some_and(|task| task.state == TaskState::Suspended);
        // What the worker is told of it may still be on its way.
        if suspended && counts.now().waits > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // The start; and a hundred creations with the suspension.
    let Figures { requests, messages, waits, .. } = counts.now();
    assert_eq!((requests, messages, waits), (102, 2, 2));
}
