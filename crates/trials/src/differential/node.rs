//! A node with its threads, over any store.

use std::{sync::Arc, time::Duration};

use abide_node::{Config, Limits, Node};
use abide_protocol::{Millis, Request, Response};
use abide_store::{Delay, Error, MemoryStore, Store};
use abide_store_fjall::{FjallStore, Options};

use super::contender::{Contender, Doing, Setting, timing};

/// Opens a store, the first time and after each restart.
type Opener = Arc<dyn Fn() -> Result<Arc<dyn Store>, Error> + Send + Sync>;

struct Threads {
    opener: Opener,
    config: Config,
    node: Node,
}

/// A node over a store in memory whose commits take so long.
pub(super) fn memory(
    setting: Setting,
    limits: Limits,
    delay: Duration,
) -> Doing<'static, Box<dyn Contender>> {
    let store: Arc<dyn Store> = match delay.is_zero() {
        true => Arc::new(MemoryStore::new()),
        false => Arc::new(Delay::new(MemoryStore::new(), delay)),
    };
    over(setting, limits, Arc::new(move || Ok(store.clone())))
}

/// A node over the embedded store, with memtables so small that they are flushed.
pub(super) fn files(setting: Setting, limits: Limits) -> Doing<'static, Box<dyn Contender>> {
    let options = Options { memtable_bytes: 4 << 10, cache_bytes: 0, ..Options::default() };
    let home = setting.home.clone();
    let open = move || match FjallStore::open(&home, options) {
        Ok(store) => Ok(Arc::new(store) as Arc<dyn Store>),
        Err(error) => Err(Error::Unavailable(error.to_string())),
    };
    over(setting, limits, Arc::new(open))
}

fn over(setting: Setting, limits: Limits, opener: Opener) -> Doing<'static, Box<dyn Contender>> {
    let timing = timing(setting.extensions);
    let config = Config { timing, limits, debug: true, ..Config::default() };
    Box::pin(async move {
        let node = open(&opener, &config).await;
        Box::new(Threads { opener, config, node }) as Box<_>
    })
}

async fn open(opener: &Opener, config: &Config) -> Node {
    let opener = opener.clone();
    Node::open_with(move || opener(), config.clone()).await.expect("it can be opened")
}

impl Contender for Threads {
    fn ask(&mut self, requests: Vec<Request>, now: Millis) -> Doing<'_, Vec<Response>> {
        let requests = requests.into_iter().map(|request| (request, Some(now))).collect();
        Box::pin(self.node.call_all(requests))
    }

    fn restart(&mut self) -> Doing<'_, ()> {
        Box::pin(async {
            self.node.close().await;
            self.node = open(&self.opener, &self.config).await;
        })
    }

    fn end(self: Box<Self>) -> Doing<'static, ()> {
        Box::pin(async move { self.node.close().await })
    }
}
