//! What a worker takes, and what it does not.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide_client::{Link, NodeLink};
use abide_protocol::{Request, TaskGet, TaskRecord, TaskState};
use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::link::engine;
use crate::{Abide, prelude::*};

static RUNNING: AtomicU32 = AtomicU32::new(0);
static MOST: AtomicU32 = AtomicU32::new(0);
static PAIR: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

#[durable]
async fn in_pairs() -> Result<()> {
    MOST.fetch_max(1 + RUNNING.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    PAIR.wait().await;
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    Ok(())
}

#[tokio::test]
async fn no_more_run_than_there_is_room_for() {
    let link = NodeLink::new(engine().await);
    let abide = || Abide::new(Arc::new(link.clone())).unwrap();
    let (client, worker) = (abide().group("clients"), abide().group("pairs").concurrency(2));
    let executions = join_all((0..10).map(|n| {
        let client = client.clone();
        async move { client.start(&format!("pair-{n}"), in_pairs().on("pairs")).await.unwrap() }
    }));
    let executions = executions.await;
    let serving = worker.clone();
    tokio::spawn(async move { serving.serve().await });
    for execution in executions {
        execution.await.unwrap();
    }
    assert_eq!(MOST.load(Ordering::Relaxed), 2);
}

async fn task(link: &NodeLink, id: &str) -> TaskRecord {
    let get = Request::TaskGet(TaskGet { id: id.into() });
    link.call(get).await.unwrap().task().unwrap().clone()
}

#[tokio::test]
async fn what_is_not_known_here_is_kept_for_a_while_and_given_back() {
    let link = NodeLink::new(engine().await);
    let abide = Abide::new(Arc::new(link.clone())).unwrap().group("ignorant");
    let worker = abide.worker();
    let call = crate::rpc::<()>("nobody_knows", ()).on("ignorant");
    abide.start("unknown", call).await.unwrap();
    while task(&link, "unknown").await.state != TaskState::Acquired {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // It does not come straight back, which would go on for ever.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let kept = task(&link, "unknown").await;
    assert_eq!((kept.state, kept.version), (TaskState::Acquired, 1));
    assert!(!worker.is_empty());
    abide.close().await;
    let back = task(&link, "unknown").await;
    assert_eq!((back.state, back.version), (TaskState::Pending, 1));
    assert!(worker.is_empty());
}
