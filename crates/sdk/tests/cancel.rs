//! A canceled execution ends with everything below it, wherever that runs.

mod support;

use std::{collections::BTreeMap, time::Duration};

use abide::{ErrorKind, prelude::*};
use abide_client::{HttpLink, Link};
use abide_protocol::{
    Body, PromiseRecord, PromiseSearch, PromiseSettle, PromiseState, Request, SettleState, Status,
    Tags, tag,
};

/// Nothing here takes as long as this.
const STUCK: Duration = Duration::from_secs(30);

#[durable]
async fn top() -> Result<u32> {
    let one = middle(1).on("workers").spawn();
    let two = local(2).spawn();
    let name = promise::<u32>().named("top");
    let (one, two, top) = try_join!(one, two, name)?;
    Ok(one + two + top)
}

#[durable]
async fn local(n: u32) -> Result<u32> {
    let (n, _) = try_join!(middle(n).on("workers"), sleep(Duration::from_secs(3_600)))?;
    Ok(n)
}

#[durable]
async fn middle(n: u32) -> Result<u32> {
    survivor(n).detach();
    let waits = promise::<u32>().named("middle");
    let (n, m) = try_join!(bottom(n).on("default"), waits)?;
    Ok(n + m)
}

#[durable]
async fn bottom(n: u32) -> Result<u32> {
    loop {
        sleep(Duration::from_millis(5)).await?;
        if n == 0 {
            return Ok(n);
        }
    }
}

#[durable]
async fn survivor(n: u32) -> Result<u32> {
    let asked = promise::<u32>().named("survivor").await?;
    sleep(Duration::from_millis(5)).await?;
    Ok(n + asked)
}

/// The detached calls, by the ids that the functions get.
const SURVIVORS: [&str; 2] = ["top:1.1", "top:2.1.1"];

/// A server with two workers, and a look into its store.
struct World {
    abide: Abide,
    link: HttpLink,
    _server: tokio::sync::oneshot::Sender<()>,
    workers: tokio::task::JoinHandle<Result<()>>,
}

impl World {
    /// With a server that cancels trees by itself, or leaves it to its clients.
    async fn new(plain: bool) -> Self {
        let (url, server) = if plain {
            support::server_with(abide_server::Options { plain, ..support::options() }).await
        } else {
            support::server().await
        };
        let abide = Abide::connect(&url).await.unwrap();
        let workers = abide.clone().group("workers");
        let workers = tokio::spawn(async move { workers.serve().await });
        Self { abide, link: HttpLink::new(&url).unwrap(), _server: server, workers }
    }

    async fn tree(&self) -> BTreeMap<String, PromiseRecord> {
        let mut tree = BTreeMap::new();
        let mut cursor = None;
        loop {
            let search = PromiseSearch {
                state: None,
                tags: Tags::from_iter([(tag::ORIGIN, "top")]),
                limit: Some(1_000),
                cursor,
            };
            let response = self.link.call(Request::PromiseSearch(search)).await.unwrap();
            assert_eq!(response.status, Status::Ok);
            let Body::Promises { promises, cursor: next } = response.body else { panic!() };
            tree.extend(promises.iter().map(|p| (p.id.to_string(), PromiseRecord::clone(p))));
            if next.is_none() {
                return tree;
            }
            cursor = next;
        }
    }

    /// Waits until the tree is as it should be.
    async fn until(&self, what: &str, is: impl Fn(&BTreeMap<String, PromiseRecord>) -> bool) {
        let waiting = async {
            while !is(&self.tree().await) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(STUCK, waiting).await.is_err() {
            let tree = self.tree().await;
            let pending: Vec<_> =
                tree.values().filter(|p| p.is_pending()).map(|p| p.id.to_string()).collect();
            panic!("{what}: {pending:?} are pending, of {} promises", tree.len());
        }
    }

    /// Waits until all three levels are there, and both survivors.
    async fn grown(&self) {
        self.until("it does not grow", |tree| {
            let ticks = |bottom: &str| tree.keys().filter(|id| id.starts_with(bottom)).count() > 3;
            ticks("top:1.3.")
                && ticks("top:2.1.3.")
                && tree.contains_key("top:3")
                && SURVIVORS.iter().all(|id| tree.contains_key(&format!("{id}.1")))
        })
        .await;
    }

    /// Checks that everything has ended but what was detached, and that this goes on.
    async fn is_over(&self, state: PromiseState) {
        let survives = |id: &str| SURVIVORS.iter().any(|survivor| id.starts_with(survivor));
        self.until("something is pending", |tree| {
            tree.iter().all(|(id, p)| survives(id) || !p.is_pending())
        })
        .await;
        let before = self.tree().await;
        let ends: Vec<_> = ["top", "top:1", "top:2", "top:2.1", "top:1.3", "top:2.1.3", "top:3"]
            .map(|id| before[id].state)
            .into();
        assert_eq!(ends, [state; 7]);
        for id in SURVIVORS {
            assert!(before[id].is_pending());
            self.abide.get::<u32>(&format!("{id}.1")).resolve(&10).await.unwrap();
        }
        assert_eq!(self.abide.get::<u32>(SURVIVORS[0]).await.unwrap(), 11);
        assert_eq!(self.abide.get::<u32>(SURVIVORS[1]).await.unwrap(), 12);
        // Nobody has written anything else since.
        let after = self.tree().await;
        let new: Vec<_> = after.keys().filter(|id| !before.contains_key(*id)).collect();
        assert!(new.iter().all(|id| survives(id)), "{new:?}");
        assert!(after.values().all(|promise| !promise.is_pending()));
        self.workers.abort();
    }
}

async fn a_canceled_tree(plain: bool) {
    let world = World::new(plain).await;
    let top = world.abide.start("top", top()).await.unwrap();
    world.grown().await;
    world.abide.get::<u32>("top").cancel().await.unwrap();
    assert_eq!(top.await.unwrap_err().kind(), ErrorKind::Canceled);
    world.is_over(PromiseState::RejectedCanceled).await;
}

#[tokio::test]
async fn a_canceled_execution_ends_with_its_tree() {
    a_canceled_tree(false).await;
}

#[tokio::test]
async fn a_canceled_execution_ends_with_its_tree_on_a_plain_server() {
    a_canceled_tree(true).await;
}

#[durable]
async fn races() -> Result<u32> {
    select! {
        n = top().on("default").cancel_on_drop() => n,
        n = promise::<u32>().named("enough") => n,
    }
}

/// The same tree one level further down, canceled by its caller.
async fn a_canceled_race(plain: bool) {
    let world = World::new(plain).await;
    let races = world.abide.start("top", races()).await.unwrap();
    let bottom = |tree: &BTreeMap<String, PromiseRecord>| tree.contains_key("top:2.2.1.3.1");
    world.until("it does not grow", bottom).await;
    world.abide.get::<u32>("top:1").resolve(&7).await.unwrap();
    assert_eq!(races.await.unwrap(), 7);
    let survivors = ["top:2.1.1", "top:2.2.1.1"];
    world
        .until("something is pending", |tree| {
            let survives = |id: &str| survivors.iter().any(|survivor| id.starts_with(survivor));
            tree.iter().all(|(id, p)| survives(id) || !p.is_pending())
        })
        .await;
    let tree = world.tree().await;
    for id in ["top:2", "top:2.1", "top:2.2", "top:2.2.1", "top:2.2.1.3", "top:2.3"] {
        assert_eq!(tree[id].state, PromiseState::RejectedCanceled, "{id}");
    }
}

#[tokio::test]
async fn a_lost_race_ends_with_its_tree() {
    a_canceled_race(false).await;
}

#[tokio::test]
async fn a_lost_race_ends_with_its_tree_on_a_plain_server() {
    a_canceled_race(true).await;
}

#[tokio::test]
async fn a_promise_that_is_canceled_by_anybody_ends_its_tree() {
    let world = World::new(false).await;
    let top = world.abide.start("top", top()).await.unwrap();
    world.grown().await;
    let settle = PromiseSettle {
        id: "top".into(),
        state: SettleState::RejectedCanceled,
        value: Default::default(),
    };
    let response = world.link.call(Request::PromiseSettle(settle)).await.unwrap();
    assert_eq!(response.status, Status::Ok);
    assert_eq!(top.await.unwrap_err().kind(), ErrorKind::Canceled);
    world.is_over(PromiseState::RejectedCanceled).await;
}

#[tokio::test]
async fn an_execution_that_times_out_ends_with_its_tree() {
    let world = World::new(false).await;
    let top = top().timeout(Duration::from_secs(2));
    let top = world.abide.start("top", top).await.unwrap();
    world.grown().await;
    assert_eq!(top.await.unwrap_err().kind(), ErrorKind::Timeout);
    world.is_over(PromiseState::RejectedTimedout).await;
}
