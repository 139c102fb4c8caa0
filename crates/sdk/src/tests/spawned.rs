//! A call that nobody awaits does not begin before its record is there: after a crash, it may not be
//! made again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use abide_client::{BatchFuture, Link, LinkFuture, Messages, NodeLink};
use abide_protocol::{Extensions, FenceAction, Request};

use super::link::engine;
use crate::prelude::*;

/// Turns that the execution is given before its call is recorded.
const TURNS: usize = 100;

static BEGUN: AtomicBool = AtomicBool::new(false);

/// The link to an engine that takes its time for each creation.
struct Slow {
    link: NodeLink,
    /// Whether the call had begun when it was recorded.
    early: AtomicBool,
}

impl Link for Slow {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        self.link.call(request)
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            if requests.iter().any(creates) {
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
                self.early.fetch_or(BEGUN.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            self.link.batch(requests).await
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

fn creates(request: &Request) -> bool {
    matches!(request, Request::TaskFence(fence) if matches!(fence.action, FenceAction::Create(_)))
}

#[durable]
async fn spawned_effect() -> Result<()> {
    BEGUN.store(true, Ordering::Relaxed);
    Ok(())
}

#[durable]
async fn spawns_and_ends() -> Result<u32> {
    let call = spawned_effect().spawn();
    drop(call);
    Ok(7)
}

#[tokio::test]
async fn what_nobody_awaits_begins_when_it_is_recorded() {
    let link =
        Arc::new(Slow { link: NodeLink::new(engine().await), early: AtomicBool::new(false) });
    let abide = Abide::new(link.clone()).unwrap();
    assert_eq!(abide.run("spawns", spawns_and_ends()).await.unwrap(), 7);
    assert!(BEGUN.load(Ordering::Relaxed), "it is carried out before its caller ends");
    assert!(!link.early.load(Ordering::Relaxed), "it had begun before it was recorded");
}
