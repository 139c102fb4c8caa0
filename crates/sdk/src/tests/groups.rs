//! What an execution asks for stays in its order where a group has to be sent again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use abide_client::{BatchFuture, Link, LinkFuture, Messages, NodeLink};
use abide_protocol::{Extensions, Request, Response, Status};

use super::link::engine;
use crate::prelude::*;

/// Turns that the process is given to send what comes after a group.
const TURNS: usize = 20;

/// The link to an engine in the same process whose store fails under every other group.
struct Failing {
    link: NodeLink,
    groups: AtomicUsize,
    on_their_way: AtomicUsize,
    most: AtomicUsize,
}

impl Link for Failing {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        self.link.call(request)
    }

    fn extensions(&self) -> Extensions {
        self.link.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        Box::pin(async move {
            let now = self.on_their_way.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let fails = self.groups.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            let failed = || Response::error(Status::Unavailable, "the store has failed");
            let answers = match fails {
                true => Ok(requests.iter().map(|_| failed()).collect()),
                false => self.link.batch(requests).await,
            };
            self.on_their_way.fetch_sub(1, Ordering::Relaxed);
            answers
        })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        self.link.connect(group, id)
    }
}

#[durable]
async fn grouped_leaf(n: u32) -> Result<u32> {
    tokio::task::yield_now().await;
    Ok(n)
}

#[durable]
async fn grouped_pair(n: u32) -> Result<u32> {
    Ok(grouped_leaf(n).await? + grouped_leaf(n).await?)
}

#[durable]
async fn grouped_pairs() -> Result<u32> {
    let (one, other) = futures_util::future::try_join(grouped_pair(1), grouped_pair(2)).await?;
    Ok(one + other)
}

#[tokio::test]
async fn one_group_of_an_execution_is_on_its_way_at_a_time() {
    let link = Arc::new(Failing {
        link: NodeLink::new(engine().await),
        groups: AtomicUsize::new(0),
        on_their_way: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    let abide = Abide::new(link.clone()).unwrap();
    assert_eq!(abide.run("groups", grouped_pairs()).await.unwrap(), 6);
    assert!(link.groups.load(Ordering::Relaxed) > 4, "there were several, and some failed");
    assert_eq!(link.most.load(Ordering::Relaxed), 1);
}
