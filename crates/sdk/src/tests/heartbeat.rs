//! Heartbeats: one for all tasks, repeated when they fail.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use abide_client::{Link, LinkError, LinkFuture, Messages, NodeLink};
use abide_protocol::{Request, TaskGet, TaskState};
use tokio::sync::Semaphore;

use super::{census::eventually, link::engine};
use crate::prelude::*;

/// A link that loses heartbeats, and counts them.
struct Lossy {
    link: NodeLink,
    /// How many of the next heartbeats are lost.
    losing: AtomicU32,
    /// How many tasks each heartbeat held that was not.
    beats: Mutex<Vec<usize>>,
}

impl Link for Lossy {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        if let Request::TaskHeartbeat(heartbeat) = &request {
            let less = |losing: u32| losing.checked_sub(1);
            if self.losing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
                let (url, reason) = ("memory".to_owned(), "it is lost".to_owned());
                return Box::pin(async { Err(LinkError::Interrupted { url, reason }) });
            }
            self.beats.lock().unwrap().push(heartbeat.tasks.len());
        }
        self.link.call(request)
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

static GATE: Semaphore = Semaphore::const_new(0);
static WAITING: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn passes_the_gate() -> Result<()> {
    WAITING.fetch_add(1, Ordering::Relaxed);
    drop(GATE.acquire().await);
    Ok(())
}

#[tokio::test]
async fn one_heartbeat_holds_all_tasks_and_is_sent_again_when_it_is_lost() {
    let link = NodeLink::new(engine().await);
    let beats = Mutex::default();
    let lossy = Arc::new(Lossy { link: link.clone(), losing: AtomicU32::new(0), beats });
    // A heartbeat each second; the lease outlasts three that are lost.
    let abide = Abide::new(lossy.clone()).unwrap().lease(Duration::from_secs(3));
    let mut executions = Vec::new();
    for n in 0..4 {
        executions.push(abide.start(&format!("gate-{n}"), passes_the_gate()).await.unwrap());
    }
    eventually("a heartbeat", || !lossy.beats.lock().unwrap().is_empty()).await;
    assert_eq!(*lossy.beats.lock().unwrap(), [4]);
    lossy.losing.store(3, Ordering::Relaxed);
    eventually("the next one", || lossy.beats.lock().unwrap().len() > 1).await;
    assert_eq!(lossy.losing.load(Ordering::Relaxed), 0);
    assert_eq!(lossy.beats.lock().unwrap()[1], 4);
    for execution in &executions {
        let get = Request::TaskGet(TaskGet { id: execution.id().into() });
        let answer = link.call(get).await.unwrap();
        let task = answer.task().unwrap();
        assert_eq!((task.state, task.version), (TaskState::Acquired, 1));
    }
    GATE.add_permits(4);
    for execution in executions {
        execution.await.unwrap();
    }
    assert_eq!(WAITING.load(Ordering::Relaxed), 4, "nothing ran twice");
}
